"""How many charts fit, and where: plain arithmetic."""

WIDE = 110
"""Columns from which two charts stand side by side."""

WIDER = 250
"""Columns from which three do."""

LEAST_ROWS = 9
"""Rows of a chart that still shows a shape: a header, six of curve, two of axis."""

FLAT = 14
"""Rows of a screen below which there is room for the charts alone."""

LOW = 34
"""Rows of a screen below which few events are shown."""

SLIM = 60
"""Columns of a screen below which nothing has a margin."""


def arrangement(width: int, height: int, charts: int) -> tuple[int, int]:
    """Return columns and rows of the grid.

    >>> arrangement(80, 17, 4), arrangement(120, 30, 4), arrangement(200, 42, 4), arrangement(80, 42, 4)
    ((1, 1), (2, 2), (2, 2), (1, 4))
    >>> arrangement(120, 12, 4), arrangement(20, 3, 4), arrangement(200, 42, 1), arrangement(200, 42, 3)
    ((2, 1), (1, 1), (1, 1), (2, 2))
    """
    columns = 1 if width < WIDE else 2 if width < WIDER else 3
    columns = min(columns, charts)
    rows = min(max(height // LEAST_ROWS, 1), -(-charts // max(columns, 1)))
    return max(columns, 1), max(rows, 1)


def spans(charts: int, columns: int) -> list[int]:
    """Return how many columns each chart takes: the last one has what is left of its row.

    >>> spans(4, 2), spans(5, 2), spans(5, 3)
    ([1, 1, 1, 1], [1, 1, 1, 1, 2], [1, 1, 1, 1, 2])
    """
    return [*[1] * (charts - 1), 1 + -charts % columns] if charts else []


def page(chosen: int, charts: int, room: int) -> range:
    """Return the charts shown together with the chosen one.

    >>> page(0, 4, 1), page(3, 4, 1), page(3, 6, 4), page(5, 6, 4)
    (range(0, 1), range(3, 4), range(0, 4), range(2, 6))
    """
    if charts <= room:
        return range(charts)
    start = min(chosen // room * room, charts - room)
    return range(start, start + room)

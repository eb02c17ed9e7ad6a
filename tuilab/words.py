"""Numbers beside nouns, as one would say them, and how many cells of a terminal words take."""

import unicodedata


def cells_of(text: str) -> int:
    """Return how many cells a terminal gives a text.

    >>> cells_of("loss"), cells_of("損失"), cells_of("e\u0301")
    (4, 4, 1)
    """
    return sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):  # marks stand in the cell of the letter before
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def counted(number: int, noun: str) -> str:
    """Return so many of something.

    >>> counted(1, "step"), counted(1500, "step"), counted(0, "class")
    ('1 step', '1,500 steps', '0 classes')
    """
    ending = "" if number == 1 else "es" if noun.endswith(("s", "x", "ch")) else "s"
    return f"{number:,} {noun}{ending}"


def size(bytes_: float) -> str:
    """Return a number of bytes.

    >>> size(812), size(2048), size(5_300_000)
    ('812 B', '2.0 KB', '5.3 MB')
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if bytes_ >= scale:
            return f"{bytes_ / scale:.1f} {unit}"
    return f"{bytes_:.0f} B"


def arrived(done: int, total: int, source: str) -> str:
    """Return how far something is that is being fetched; of what has no size yet, what goes on.

    >>> arrived(5_000_000, 20_000_000, "a mirror"), arrived(812, 0, "a mirror"), arrived(0, 0, "waiting")
    ('5.0 MB of 20.0 MB from a mirror', '812 B from a mirror', 'waiting')
    """
    if not done and not total:
        return source
    return f"{size(done)}{f' of {size(total)}' if total else ''} from {source}"

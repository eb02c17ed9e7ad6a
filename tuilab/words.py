"""Numbers beside nouns, as one would say them."""


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

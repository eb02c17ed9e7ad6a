"""Numbers beside nouns, as one would say them."""


def counted(number: int, noun: str) -> str:
    """Return so many of something.

    >>> counted(1, "step"), counted(1500, "step"), counted(0, "class")
    ('1 step', '1,500 steps', '0 classes')
    """
    ending = "" if number == 1 else "es" if noun.endswith(("s", "x", "ch")) else "s"
    return f"{number:,} {noun}{ending}"

"""Other ways for what Textual does in private classes: in place only where those are known.

They are pinned to the version whose code was read, and each tries itself first. Where
anything is unexpected Textual stays as it is.
"""

from collections.abc import Callable
from pathlib import Path

import textual

PINNED = "8.2.8"
"""The version that was read."""


def put_in_place(owner: type, name: str, own: Callable[..., object], works: Callable[[], bool]) -> bool:
    """Replace a method of a private class; return whether it is replaced.

    Args:
        owner: The class.
        name: Its method.
        own: What is to stand in its place.
        works: Tries it, and never raises.
    """
    if getattr(owner, name) is own:
        return True
    if not _is_pinned() or not works():
        return False
    setattr(owner, name, own)
    return True


def _is_pinned() -> bool:
    """Return whether this is that version.

    Its files say so beside its package. To ask `textual.__version__` the first time imports a
    parser of e-mail and of archives, which takes longer than a paint.
    """
    if "__version__" not in vars(textual):
        beside = Path(textual.__file__).parents[1]
        if (beside / f"textual-{PINNED}.dist-info").is_dir():
            return True
    return textual.__version__ == PINNED

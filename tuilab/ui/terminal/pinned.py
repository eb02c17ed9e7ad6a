"""Whether Textual is the version whose private classes are known."""

from pathlib import Path

import textual

PINNED = "8.2.8"
"""The version that was read."""


def is_pinned() -> bool:
    """Return whether this is that version.

    Its files say so beside its package. To ask `textual.__version__` the first time imports a
    parser of e-mail and of archives, which takes longer than a paint.
    """
    if "__version__" not in vars(textual):
        beside = Path(textual.__file__).parents[1]
        if (beside / f"textual-{PINNED}.dist-info").is_dir():
            return True
    return textual.__version__ == PINNED

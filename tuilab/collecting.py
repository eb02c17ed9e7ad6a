"""When Python looks for garbage: not while it imports, for what it makes then all stays."""

import gc


def wait() -> None:
    """Look for no garbage until `settle`; what a short command leaves behind goes with its process."""
    gc.disable()


def settle() -> None:
    """Look for garbage from now on, but not among what has been imported."""
    gc.freeze()
    gc.enable()

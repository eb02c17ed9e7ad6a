"""All that makes updates of the screen short, put in place by whoever shows one first."""

from tuilab.ui.terminal import crop, partial


def shorten() -> None:
    """Write only what changes, and ask only for what is dirty, from now on; again is the same."""
    crop.install()
    partial.install()

"""What stands in for the lab below a run that was asked for by name.

The lab is made when the reader comes back to it: whoever only looks at a run
waits for no presets, and starts no worker that loads torch.
"""

from collections.abc import Callable

from textual.screen import Screen


class Ground(Screen[None]):
    """An empty screen that is covered by another again once what covered it is gone."""

    _covered = False

    def __init__(self, make: Callable[[], Screen[None]]) -> None:
        """Make it.

        Args:
            make: Makes the screen that covers it then.
        """
        super().__init__()
        self._make = make

    def on_screen_suspend(self) -> None:
        """Remember that something lies on it."""
        self._covered = True

    def on_screen_resume(self) -> None:
        """Be covered again, unless nothing has covered it yet."""
        if self._covered:
            self.app.push_screen(self._make())

"""The run screen as a picture, drawn by the screen itself without a terminal."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tuilab.runs import Run
from tuilab.ui.app import Lab
from tuilab.ui.styles.themes import DARK, LIGHT
from tuilab.ui.terminal import abilities

_LOOKS = 40
"""Times to look, a quarter of a second apart, whether the charts are whole; a live run never rests."""


class _Nobody:
    """In place of a worker in standby: who looks at a picture asks nothing."""

    alive = False

    def ask(self, question: str, reply: Callable[[dict[str, Any]], None], **values: Any) -> None:
        """Answer nothing."""

    def close(self) -> None:
        """Have nothing to let go."""


def picture(run: Run, home: Path, size: tuple[int, int], theme: str = "") -> str:
    """Return the run screen at so many columns and rows, as SVG.

    Args:
        run: What to show.
        home: Where the reader's choice of colours is remembered.
        size: Columns and rows.
        theme: "dark" or "light"; left out, the reader's own.

    Raises:
        TuilabError: The environment asks for a screen that cannot be drawn.
    """
    abilities.check()
    app = Lab(home, open_run=run, standby=_Nobody)
    if theme:
        app.wear({"dark": DARK, "light": LIGHT}[theme])
    drawn: list[str] = []

    async def draw(pilot: Pilot[object]) -> None:
        before = ""
        for _ in range(_LOOKS):
            await pilot.pause(0.25)
            now = app.export_screenshot(title=run.id)
            if now == before:  # nothing came to it in a quarter of a second: it is whole
                break
            before = now
        drawn.append(now)
        app.exit()

    asyncio.run(app.run_async(headless=True, size=size, auto_pilot=draw))
    return drawn[0]

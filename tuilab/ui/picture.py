"""The run screen as a picture, drawn by the screen itself without a terminal."""

import asyncio
from pathlib import Path

from textual.pilot import Pilot

from tuilab.runs import Run
from tuilab.ui.app import Lab

_LOOKS = 40
"""Times to look, a quarter of a second apart, whether the charts are whole; a live run never rests."""


def picture(run: Run, home: Path, size: tuple[int, int]) -> str:
    """Return the run screen at so many columns and rows, as SVG."""
    app = Lab(home, open_run=run)
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

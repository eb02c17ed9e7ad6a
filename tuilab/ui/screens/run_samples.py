"""What a run's model has made of fixed prompts, gathered from its events: one picture among the charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.frame import Frame
from tuilab.charts.samples import Look, Sample, SamplesView, samples
from tuilab.events import Event
from tuilab.ui.screens.run_sight import Asked

_MOST_LOOKS = 200
"""Steps whose samples are kept: more nobody goes back to."""


@dataclass(frozen=True, slots=True, eq=False)
class SamplesSight:
    """Samples of every look, the newest last."""

    looks: Sequence[Look]

    def drawn(self, asked: Asked) -> Frame:
        """Draw the newest look first; with a cursor on a step, the look that was newest then."""
        seen = list(self.looks)
        if asked.lens.cursor is not None and seen:
            at = asked.xmap.x(np.array([float(look.step) for look in seen]))
            seen = seen[: max(int((at <= asked.lens.cursor).sum()), 1)]
        return samples(SamplesView(*asked.size, asked.span, asked.lens.glyphs), seen[::-1])


class SampleLog:
    """Gathers looks from events as they come."""

    def __init__(self) -> None:
        self._looks: list[Look] = []
        self.heard = 0
        """How many events have changed something: who remembers it knows whether there is news."""

    def __bool__(self) -> bool:
        return bool(self._looks)

    def take(self, events: Sequence[Event]) -> None:
        """Take in what has happened; what a resumed run has taken back was never made."""
        for event in events:
            if event.kind == "resumed":
                self._looks = [look for look in self._looks if look.step <= event.step]
            elif event.kind == "sample":
                made = sample_of(event)
                if self._looks and self._looks[-1].step == event.step:
                    made_before = self._looks.pop().samples
                    self._looks.append(Look(event.step, (*made_before, made)))
                else:
                    self._looks.append(Look(event.step, (made,)))
            else:
                continue
            self.heard += 1
        del self._looks[:-_MOST_LOOKS]

    def sight(self) -> SamplesSight:
        """Return what there is to see."""
        return SamplesSight(tuple(self._looks))


def sample_of(event: Event) -> Sample:
    """Return what an event says was made; of one that an older version wrote, its text."""
    data = event.data
    if (pictures := _pictures(data.get("pictures"))) is not None:
        return Sample(event.text, pictures=pictures)
    if "guess" in data and "target" in data:
        right = data["guess"] == data["target"]
        meant = "" if right else f"   ({data['target']})"
        return Sample(f"{data.get('source', '')} -> {data['guess']}{meant}", right=right)
    prompt = str(data.get("prompt", ""))
    return Sample(event.text, given=len(prompt) if event.text.startswith(prompt) else 0)


def _pictures(raw: Any) -> Mapping[str, NDArray[np.uint8]] | None:
    """Return pictures of one size by name, from rows of two hexadecimal digits a pixel."""
    if not isinstance(raw, Mapping) or not raw:
        return None
    try:
        found = {
            str(name): np.array([list(bytes.fromhex(row)) for row in rows], np.uint8)
            for name, rows in raw.items()
        }
    except (TypeError, ValueError):
        return None  # written by something else: its text is shown
    shapes = {picture.shape for picture in found.values()}
    return (
        found if len(shapes) == 1 and len(next(iter(shapes))) == 2 and 0 not in next(iter(shapes)) else None
    )

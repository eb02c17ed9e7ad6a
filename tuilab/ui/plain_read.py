"""Runs read once and wholly, with the charts that their reader would have on the screen."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuilab.errors import TuilabError, UnknownName
from tuilab.events import Event
from tuilab.runs import Run
from tuilab.status import Status
from tuilab.ui.screens import run_memory
from tuilab.ui.screens.run_feed import Feed
from tuilab.ui.screens.run_found import DAMAGED
from tuilab.ui.screens.run_memory import Memory
from tuilab.ui.screens.run_others import Others
from tuilab.ui.screens.run_panels import Panel, panels

_SECONDS = 60.0
"""A look reads for so long before it says how far it is: here nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to show of a run."""

    run: Run
    status: Status
    events: Sequence[Event]
    panels: Sequence[Panel]
    feed: Feed
    memory: Memory
    others: Others
    """The runs drawn beside it."""


def see(run: Run, charts: Sequence[str] = (), others: Sequence[Run] = ()) -> Seen:
    """Read a run, and those to be drawn beside it.

    Args:
        run: What to read, live or old.
        charts: The charts wanted, as "loss" or "layers/grad_norm"; none means those of the screen.
        others: At most `run_others.MOST`.

    Raises:
        UnknownName: the run has no such chart.
        TuilabError: the directory holds something else than a run.
    """
    memory, feed = run_memory.load(), Feed(run, budget=_SECONDS)
    try:
        found = feed.look()
        metrics, meta = (found.metrics, found.meta) if found else ((), {})
        events = list(found.events) if found else []
        shown = _wanted(panels(metrics, meta), charts, memory, run.id)
        feed.want([metric for panel in shown for metric in panel.metrics])
        status = found.status if found else run.status
        while found := feed.look():
            status = found.status
            events += found.events
            if feed.settled and not found.events:
                break
    except DAMAGED as error:
        raise TuilabError(f"{run.path} cannot be read as a run ({error}).") from error
    return Seen(run, status, events, shown, feed, memory, _beside(feed, others))


def _beside(feed: Feed, runs: Sequence[Run]) -> Others:
    """Read of other runs what is looked at of the first."""
    others = Others(feed)
    others.put([run.path for run in runs])
    while others.paths:
        others.look()
        for path, why in others.unreadable.items():
            raise TuilabError(f"{path} cannot be read as a run ({why}).")
        if others.settled:
            break
    return others


def _wanted(offered: Sequence[Panel], keys: Sequence[str], memory: Memory, name: str) -> list[Panel]:
    if not keys:
        return memory.pick(offered)
    # By what it shows, too: "accuracy" is in the chart whose key is "eval.accuracy".
    known = {name: panel for panel in offered for name in (panel.title, *panel.metrics, panel.key)}
    for key in keys:
        if key not in known:
            raise UnknownName(f"chart in {name}", key, [panel.key for panel in offered])
    return list(dict.fromkeys(known[key] for key in keys))

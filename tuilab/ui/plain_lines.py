"""A run as lines of text: one now and then while it trains, and a summary at its end."""

import math

import numpy as np

from tuilab.events import LAST_WORDS, Event, said_lines
from tuilab.history import History
from tuilab.runs import Run
from tuilab.ui.plain_text import clean
from tuilab.ui.widgets.figures import count, duration, figure, rate

_LINES = 20
"""About so many lines a run; they stand at round steps, so that two runs can be laid side by side."""

_WIDTHS = (15, 7, 9, 9, 9, 9, 9, 8, 9)


def interval(total: int) -> int:
    """Return the steps between two lines: 1, 2 or 5 times a power of ten.

    >>> interval(420), interval(7), interval(100_000)
    (20, 1, 5000)
    """
    wanted = max(total / _LINES, 1.0)
    power = 10 ** int(math.log10(wanted))
    return int(max(step for step in (power, 2 * power, 5 * power) if step <= wanted))


def header(metric: str) -> str:
    """Return the names of the columns; `metric` is the one people quote for this task."""
    names = ("step", "epoch", "loss", "eval loss", metric[:9], "lr", "grad norm", "step/s", "eta")
    return _columns(names)


def line(history: History, metric: str, done: int) -> str:
    """Return where a run stood after so many steps; the rate and what it promises are of now."""
    status = history.status
    return _columns(
        (
            f"{count(done)}/{count(status.total)}" if status.total else count(done),
            _at(history, "epoch", done, ".2f"),
            _at(history, "loss", done),
            _at(history, "eval.loss", done),
            _at(history, f"eval.{metric}", done) if metric else "",
            _at(history, "lr", done),
            _at(history, "grad_norm", done),
            rate(status.rate) if status.rate else "-",
            "-" if status.eta is None else duration(status.eta),
        )
    )


def event_lines(event: Event) -> list[str]:
    """Return an event as lines; a sample may be several."""
    first, *more = said_lines(event)
    begin = f"{count(event.step):>{_WIDTHS[0]}}  {event.kind}: "
    return [begin + clean(first), *(" " * (_WIDTHS[0] + 4) + clean(text) for text in more)]


def summary(run: Run) -> list[str]:
    """Return how a run ended, with the metrics of every split."""
    status = run.status
    lines = [
        f"{status.state} after {count(status.step)} of {count(status.total)} steps, "
        f"{status.seconds:.1f} s of training"
    ]
    if status.state not in ("finished", "stopped"):
        lines += [f"  {clean(text)}" for text in last_word(run).splitlines()]
    for split in ("test", "eval", "train"):
        values = {
            name.partition(".")[2]: value
            for name, value in status.metrics.items()
            if name.startswith(f"{split}.")
        }
        if values:
            shown = "".join(f"  {name} {figure(value):<8}" for name, value in values.items())
            lines.append(f"  {split:<5}{shown}".rstrip())
    if status.best:
        lines.append(
            f"  best   {status.best['metric']} {figure(status.best['value'])} "
            f"at step {count(status.best['step'])}"
        )
    return [*lines, f"  run    {run.path}"]


def last_word(run: Run) -> str:
    """Return why a run ended, or nothing where it did not say."""
    reader, last = run.events(), ""
    while events := reader.read():
        last = next((event.text for event in reversed(events) if event.kind in LAST_WORDS), last)
    return last


def headline(run: Run) -> str:
    """Return the metric people quote for a run's task; nothing before its model is built."""
    return str(run.meta.get("metric", "")).rpartition(".")[2]


def _at(history: History, metric: str, done: int, form: str = "") -> str:
    """Return a curve's newest value of that moment."""
    steps, values = history.points(metric)
    # A row of the steps table is numbered by the steps before it, an evaluation by those behind it.
    at = np.searchsorted(steps, done, side="right" if "." in metric else "left") - 1
    if at < 0:
        return "-"
    return f"{float(values[at]):{form}}" if form else figure(float(values[at]))


def _columns(cells: tuple[str, ...]) -> str:
    return "  ".join(cell.rjust(width) for cell, width in zip(cells, _WIDTHS, strict=True))

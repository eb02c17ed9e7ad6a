"""The prompt for another learning rate."""

import math
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tuilab.errors import TuilabError
from tuilab.knobs import Field
from tuilab.ui.widgets.figures import plain
from tuilab.ui.widgets.line_input import LineInput
from tuilab.ui.widgets.still_screen import StillModal

_LARGE = 3.0
"""Times from which a change is marked: more than anyone tries by a small correction."""

ANY_RATE = Field("lr", ("float",), (), 1e-3, "learning rate", 0.0)
"""Where the optimizer's own range is not known."""


class RatePrompt(StillModal[float | None]):
    """Returns the rate that the schedule multiplies from now on, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]
    DEFAULT_CSS = """
    RatePrompt { align: center middle; background: $background 60%; }
    RatePrompt > Vertical {
        width: 56; max-width: 100%; height: auto; max-height: 100%;
        padding: 1 2; background: $surface; border: round $accent;
    }
    RatePrompt LineInput { margin: 1 0; }
    RatePrompt #outcome { height: auto; }
    RatePrompt.-bare > Vertical { padding: 0; border: none; }
    RatePrompt.-bare LineInput { margin: 0; }
    RatePrompt.-bare #label { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, present: float, field: Field = ANY_RATE) -> None:
        """Ask, where the rate is this now and the optimizer takes these."""
        super().__init__()
        self._present, self._field = present, field

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical():
            yield Static("Learning rate that the schedule multiplies", id="label", markup=False)
            yield LineInput(plain(self._present))
            yield Static(outcome(plain(self._present), self._present, self._field), id="outcome")

    def on_resize(self, event: events.Resize) -> None:
        """Leave the frame out where there is no room for it."""
        self.set_class(event.size.height < 10 or event.size.width < 40, "-bare")

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        self.query_one("#outcome", Static).update(outcome(event.value, self._present, self._field))

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        if not problem(event.value, self._field):
            self.dismiss(float(event.value))


def problem(text: str, field: Field = ANY_RATE) -> str:
    """Return what is wrong with a rate; nothing where it will do.

    >>> problem("3e-4"), problem("-1"), problem("fast")
    ('', '-1 is out of range; expected a number, 0 or more.', "'fast' is not a number, 0 or more.")
    >>> problem("5000", Field("lr", ("float",), (), 0.1, "learning rate", 0.0, 1000.0))
    '5000 is out of range; expected a number from 0 to 1000.'
    """
    try:
        value = field.read(text)
    except TuilabError as error:
        return str(error)
    return (
        "" if isinstance(value, int | float) and math.isfinite(value) else "It must be a number, like 3e-4."
    )


def outcome(text: str, present: float, field: Field) -> Content:
    """Return what enter would do: the rate before and after, or what is wrong.

    >>> outcome("0.03", 0.003, ANY_RATE).plain
    'now 0.003 → 0.03, 10 times as much. Enter sets it for the steps to come.'
    """
    if wrong := problem(text, field):
        return Content.styled(f"✗ {wrong}", "$text-error")
    rate = float(text)
    if rate == present:
        return Content.styled(f"now {plain(present)}", "$text-muted")
    times = rate / present if present else math.inf
    change = f"now {plain(present)} → {plain(rate)}{_times(times)}"
    large = not 1 / _LARGE <= times <= _LARGE
    return Content.assemble(
        (change, "$text-warning" if large else ""), (". Enter sets it for the steps to come.", "$text-muted")
    )


def _times(times: float) -> str:
    if not math.isfinite(times) or times == 0:
        return ""
    return f", {plain(float(f'{times:.3g}'))} times as much" if times > 1 else f", 1/{1 / times:.3g} of it"

"""The bench: every pane of the lab but the presets, drawn from a draft.

It is put on the screen after the first paint, because it brings half of the
vocabulary with it. What is chosen and changed is decided in `lab.py`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget

from tuilab.schedules import Reacting, Schedule, schedules
from tuilab.spec import Raw
from tuilab.ui.screens import lab_sketch
from tuilab.ui.screens.lab_arrangement import PANES, TITLES, Arrangement, show_if
from tuilab.ui.screens.lab_draft import Draft
from tuilab.ui.screens.lab_tables import PANES as TABLES_OF
from tuilab.ui.widgets.form import Form
from tuilab.ui.widgets.lr_preview import LrPreview
from tuilab.ui.widgets.preset_card import PresetCard
from tuilab.ui.widgets.run_facts import RunFacts
from tuilab.words import counted

if TYPE_CHECKING:
    from textual.app import ComposeResult

W = TypeVar("W", bound=Widget)


class Column(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Panes above each other; scrolls where they do not fit."""


class Bench(Horizontal):
    """Draws what it is given; its forms say what the reader wants."""

    def compose(self) -> "ComposeResult":
        """Lay the panes out."""
        with Column(id="middle"):
            yield PresetCard(id="beside", classes="pane")
            for name in ("data", "model", "optimizer"):
                yield framed(Form(id=name), name)
            yield framed(RunFacts(id="facts"), "facts")
        with Column(id="right"):
            with framed(Vertical(id="schedule-pane"), "schedule"):
                yield Form(id="schedule")
                yield LrPreview(id="rate")
            yield framed(Form(id="train"), "train")

    def form(self, pane: str) -> Form:
        """Return the form of a pane."""
        return self.query_one(f"#{pane}", Form)

    @property
    def facts(self) -> RunFacts:
        """Where it says what the experiment comes to."""
        return self.query_one(RunFacts)

    def show_panes(self, wanted: Arrangement, active: str) -> None:
        """Show what there is room for."""
        for column in ("middle", "right"):
            show_if(self.query_one(f"#{column}"), column in wanted.columns)
        for name in PANES[1:]:
            id_ = "schedule-pane" if name == "schedule" else name
            show_if(self.query_one(f"#{id_}"), name in wanted.panes)
        show_if(self.query_one("#beside"), wanted.narrow and active == "presets")
        show_if(self, bool(wanted.columns - {"shelf"}))

    def draw(self, draft: Draft | None, empty: str) -> None:
        """Draw every knob of a draft; `empty` is said where there is none."""
        for name in TABLES_OF:
            self.form(name).show(draft.rows(name) if draft else [], empty)

    def draw_card(self, name: str, preset: Mapping[str, Any], changes: list[str], problem: str) -> None:
        """Say what the preset is about."""
        self.query_one("#beside", PresetCard).show(name, preset, changes, problem)

    def draw_sketch(self, raw: Raw, gone: str) -> None:
        """Draw what a preset itself says, while nobody knows the other knobs; `gone`: why nobody will."""
        for name, tables in TABLES_OF.items():
            self.form(name).show(lab_sketch.rows(raw, tables), editable=False)
        if found := lab_sketch.rate(raw):
            self._draw_rate(*found)
        if gone:
            self.facts.show_problems({"": gone})
            return
        self.facts.wait(
            "The zoo is being read, as on the first launch and after an update: some seconds.\n"
            "All other knobs, and what the experiment comes to, follow.\n"
            "enter starts it as soon as that is done."
        )

    def draw_rate(self, draft: Draft, steps: int) -> None:
        """Draw the learning rate; a schedule with a problem leaves the last one standing."""
        rate = draft.value("optimizer.lr")
        schedule = _schedule(draft)
        if schedule is not None and isinstance(rate, int | float):
            self._draw_rate(float(rate), schedule, steps)

    def _draw_rate(self, rate: float, schedule: Schedule, steps: int) -> None:
        self.query_one(LrPreview).show(rate, schedule, steps)
        over = counted(steps, "step") if steps else "100 % of the run"
        # What the eval loss will do nobody knows: drawn is the rate as long as it falls.
        words = "until the eval loss rests" if isinstance(schedule, Reacting) else f"over {over}"
        _subtitle(self.query_one("#schedule-pane"), f"learning rate {words}")

    def load_charts(self) -> None:
        """Draw curves from now on."""
        self.query_one(LrPreview).load()


def _schedule(draft: Draft) -> Schedule | None:
    """Return the schedule as it stands, if it stands."""
    rows = draft.rows("schedule")
    name = str(draft.value("schedule.name"))
    if any(row.problem for row in rows) or name not in schedules:
        return None
    knobs = {row.field.name: draft.value(row.key) for row in rows if not row.names_component}
    return schedules[name].build(**knobs)


def _subtitle(widget: Widget, words: str) -> None:
    """Set a frame's subtitle; setting the same again would repaint the whole pane."""
    if widget.border_subtitle != words:
        widget.border_subtitle = words


def framed(widget: W, name: str) -> W:
    """Give a widget a frame with the pane's number and title."""
    widget.add_class("pane")
    widget.border_title = f"{PANES.index(name) + 1} {TITLES[name]}"
    return widget

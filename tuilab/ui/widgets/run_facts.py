"""What an experiment comes to: its size, its length, its layers, or what keeps it from starting."""

from collections.abc import Mapping, Sequence
from typing import Any

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tuilab.ui.widgets.figures import size

_LABEL = 11


class RunFacts(VerticalScroll, can_focus=True):
    """Shows what the worker found when it built the draft."""

    DEFAULT_CSS = """
    RunFacts > .-facts { text-wrap: nowrap; text-overflow: ellipsis; }
    RunFacts > .-origin { color: $foreground 70%; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._text, self._origin, self._layers = Static(), Static(classes="-origin"), Static(classes="-facts")

    def compose(self) -> "Sequence[Static]":
        """One page that scrolls."""
        return [self._text, self._origin, self._layers]

    def wait(self, words: str) -> None:
        """Say what is being waited for."""
        self._put(Content.styled(words, "$text-muted"))

    def _put(self, text: Content, origin: str = "", layers: Content | None = None) -> None:
        """Show figures, which are cut where they do not fit, or words; and what stands below them."""
        self._text.set_class(layers is not None, "-facts")
        self._text.update(text)
        self._origin.update(Content(origin))
        self._origin.display = bool(origin)
        self._layers.update(layers or "")

    def pend(self, words: str) -> None:
        """Say that what is shown is of the state before."""
        self._say(words)

    def show(self, facts: Mapping[str, Any]) -> None:
        """Show what the worker answered."""
        self._say("")
        if "note" in facts:
            self.wait(str(facts["note"]))
            return
        rows = facts["rows"]
        lines = [
            _fact("parameters", f"{facts['parameters']:,}", _trained(facts)),
            _fact("steps", f"{facts['steps']:,}", f"{round(facts['steps_per_epoch'], 1):,g} an epoch"),
            _fact("samples", f"{rows['train']:,}", f"eval {rows['eval']:,}, test {rows['test']:,}"),
            _fact("memory", size(facts["memory_bytes"]), f"on {facts['device']}"),
        ]
        origin = str(facts["origin"]["text"]) if facts.get("origin") else ""
        layers = [Content(""), _layer_line("input", facts["input_shape"], 0)]
        layers += [_layer_line(one["kind"], one["shape"], one["parameters"]) for one in facts["layers"]]
        self._put(Content("\n").join(lines), origin, Content("\n").join(layers))

    def _say(self, words: str) -> None:
        if (self.border_subtitle or "") != words:
            self.border_subtitle = words or None

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show everything that keeps the run from starting."""
        self._say("")
        parts = [
            Content.assemble(("✗ ", "bold $error"), (f"{key} " if key else "", "bold"), (message, "$error"))
            for key, message in problems.items()
        ]
        self._put(Content("\n").join(parts))


def _trained(facts: Mapping[str, Any]) -> str:
    """Return the share that is trained, where it is not all of it."""
    trained, whole = facts.get("trained", facts["parameters"]), facts["parameters"]
    return "" if trained == whole else f"{trained / whole:.1%} trained"


def _fact(label: str, value: str, more: str = "") -> Content:
    return Content.assemble(
        (label.ljust(_LABEL), "$text-muted"), (value.rjust(8), "bold"), (f" {more}", "$text-muted")
    )


def _layer_line(kind: str, shape: Sequence[int], parameters: int) -> Content:
    """Return a layer: what it is, what comes out, what it weighs."""
    out = "x".join(map(str, shape)) or "1"
    weight = f"{parameters:,}" if parameters else ""
    return Content.assemble(
        (kind.ljust(_LABEL + 1)[: _LABEL + 4], ""),
        (out.rjust(8), "$text-muted"),
        (weight.rjust(12), "$text-muted"),
    )

"""What a preset shows, what to watch for and what it promises."""

from collections.abc import Mapping
from typing import Any

from textual.content import Content
from textual.widgets import Static


class PresetCard(Static):
    """A preset in words."""

    DEFAULT_CSS = """
    PresetCard { height: auto; }
    """

    def show(self, name: str, preset: Mapping[str, Any], changes: list[str], problem: str = "") -> None:
        """Say what a preset's table says, and what has been changed since."""
        if (self.border_title or "") != name:
            self.border_title = name or None
        parts = [Content(str(preset.get("about", "")))]
        if problem:
            parts.append(Content.styled(f"✗ {problem}", "$error"))
        if watch := str(preset.get("watch", "")):
            parts.append(_titled("Watch", Content(watch)))
        if facts := _facts(preset):
            parts.append(Content.styled(facts, "$text-muted"))
        if changes:
            parts.append(_titled("Changed", Content.styled("\n".join(changes), "$accent")))
        elif expect := preset.get("expect"):
            parts.append(_titled("Expect", Content("\n".join(_band(*item) for item in expect.items()))))
        self.update(Content("\n\n").join(part for part in parts if part))


def _facts(preset: Mapping[str, Any]) -> str:
    """Return what a preset asks of the machine and of the reader's time.

    >>> _facts({"needs": "gpu", "takes": "about an hour"}), _facts({"takes": "about a minute"})
    ('Needs a GPU; takes about an hour.', 'Takes about a minute.')
    """
    facts = ["needs a GPU"] if preset.get("needs") == "gpu" else []
    facts += [f"takes {preset['takes']}"] if preset.get("takes") else []
    text = "; ".join(facts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _titled(title: str, text: Content) -> Content:
    return Content.assemble((title, "$text-muted"), "\n", text)


def _band(metric: str, band: Any) -> str:
    """Return an expectation as a phrase.

    >>> _band("test.accuracy", [0.965, 1.0]), _band("test.loss", [1.0, 2.2])
    ('test.accuracy 0.965 to 1', 'test.loss 1 to 2.2')
    """
    if isinstance(band, list) and len(band) == 2:
        return f"{metric} {band[0]:g} to {band[1]:g}"
    return f"{metric} {band}"

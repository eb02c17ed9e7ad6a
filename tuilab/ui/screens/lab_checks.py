"""What experiments come to, as the worker found: asked once, remembered."""

from tuilab import origins
from tuilab.ui.messages import Checked
from tuilab.ui.screens.lab_draft import Draft
from tuilab.ui.screens.lab_link import Link


class Checks:
    """Keeps answers by the experiment's text, so that looking at a preset again costs nothing."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._answers: dict[str, Checked] = {}
        self._waiting: dict[int, str] = {}
        self._epochs: dict[str, float] = {}
        """Steps an epoch has, by what they depend on."""

    def known(self, draft: Draft) -> Checked | None:
        """Return what is known of a draft without asking."""
        return self._answers.get(_text(draft)) if draft.spec else None

    def ask(self, draft: Draft) -> None:
        """Ask what a draft comes to."""
        if draft.spec is not None and self._link.open:
            text = _text(draft)
            self._waiting[self._link.check(text)] = text

    def take(self, answer: Checked, draft: Draft | None) -> bool:
        """Remember an answer; return whether it is about this draft as it stands."""
        text = self._waiting.pop(answer.number, "")
        if origins.KEY not in answer.problems:  # the run that is missing may be there at the next look
            self._answers[text] = answer
        if draft is None or draft.spec is None or _text(draft) != text:
            return False
        if "steps_per_epoch" in answer.facts:
            self._epochs[_epoch_key(draft)] = float(answer.facts["steps_per_epoch"])
        return True

    def steps(self, draft: Draft | None) -> int:
        """Return how many steps a run has; 0 while nobody knows."""
        if draft is None:
            return 0
        if steps := draft.value("train.steps"):
            return int(steps)
        answer = self.known(draft)
        if answer and "steps" in answer.facts:
            return int(answer.facts["steps"])
        epochs = draft.value("train.epochs")
        per_epoch = self._epochs.get(_epoch_key(draft), 0.0)
        return round(per_epoch * epochs) if isinstance(epochs, int | float) else 0


def _text(draft: Draft) -> str:
    from tuilab.spec import dumps

    assert draft.spec is not None
    return dumps(draft.spec)


def _epoch_key(draft: Draft) -> str:
    return repr((draft.raw.get("data"), draft.value("train.accumulate")))

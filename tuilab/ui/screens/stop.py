"""The dialog that asks what to do with a run before anything is done to it."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from tuilab.ui.screens.choice import ChoiceDialog


class StopDialog(ChoiceDialog):
    """Returns detach, stop, kill or cancel."""

    ANSWERS: ClassVar = {
        "detach": ("Detach", "the run goes on; `tuilab attach` finds it"),
        "stop": ("Stop", "after this step, saving a checkpoint"),
        "kill": ("Kill", "at once; resume goes back to a checkpoint"),
        "cancel": ("Cancel", "go on watching"),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(name[0], f"choose('{name}')", label) for name, (label, _) in ANSWERS.items()
    ]

    def __init__(self, run: str) -> None:
        super().__init__(f"What should become of {run}?")

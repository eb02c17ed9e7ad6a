"""Keep an experiment as a preset of one's own: one TOML file, to be edited or given away."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tuilab.ui.screens.lab_dialog import Dialog
from tuilab.ui.screens.lab_draft import Draft
from tuilab.ui.screens.lab_shelf import own_folder
from tuilab.ui.widgets.key_bar import KeyBar
from tuilab.ui.widgets.line_input import NameInput

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tuilab.ui.screens.lab_forks import Fork
    from tuilab.ui.screens.lab_shelf import Preset

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class SaveScreen(Dialog[Path | None]):
    """Asks for a name; returns the file that was written, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Back"),
    ]

    def __init__(self, draft: Draft, preset: "Preset | Fork", home: Path) -> None:
        super().__init__(classes="dialog -small")
        self._draft, self._preset, self._home = draft, preset, home
        self._sure = ""
        """The file that may be replaced, because it was asked about."""

    def compose(self) -> "ComposeResult":
        """Ask for the name, and for a phrase."""
        with Vertical(classes="sheet") as sheet:
            sheet.border_title = "Save as a preset of your own"
            yield Static("Name", classes="label")
            yield NameInput(self._preset.name if self._preset.own else f"my-{self._preset.name}", id="name")
            yield Static("What it shows", classes="label")
            yield NameInput(self._phrase(), id="about")
            yield Static(id="answer")
        yield KeyBar()

    def on_input_changed(self) -> None:
        """Say at once what will happen."""
        self._sure = ""
        self._answer()

    def on_input_submitted(self) -> None:
        """Save."""
        self._keep()

    def _keep(self) -> None:
        """Write the file; one that is there is asked about first."""
        from tuilab.places import preset_folder
        from tuilab.spec import dumps

        path = self._path()
        if path is None:
            return
        if (preset_folder() / path.name).exists():
            self._answer("is the name of a preset that comes with tuilab; choose another.")
            return
        if path.exists() and self._sure != str(path):
            self._sure = str(path)
            self._answer("is there already. Press enter again to replace it.")
            return
        text = dumps(self._draft.to_save(self.query_one("#about", NameInput).value.strip()))
        aside = path.with_suffix(f".{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_text(text, encoding="utf-8")
            aside.rename(path)
        except OSError as error:
            self._answer(f"cannot be written ({error.strerror}).")
            return
        self.notify(f"Saved as {path}", markup=False)
        self.dismiss(path)

    def _path(self) -> Path | None:
        name = self.query_one("#name", NameInput).value.strip().removesuffix(".toml")
        return own_folder(self._home) / f"{name}.toml" if _NAME.fullmatch(name) else None

    def _answer(self, problem: str = "") -> None:
        path = self._path()
        if path is None:
            problem = "A name has letters, digits, dots and dashes, and begins with a letter or digit."
        content = Content.assemble(
            (f"{path or ''} ", "$text-muted"), (f"✗ {problem}" if problem else "", "$error")
        )
        self.query_one("#answer", Static).update(content)

    def _phrase(self) -> str:
        changes = self._draft.changes
        return (
            ", ".join([f"{self._preset.name} with {changes[0]}", *changes[1:]])
            if changes
            else self._preset.about
        )

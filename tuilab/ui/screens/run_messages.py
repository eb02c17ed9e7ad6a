"""What the thread that reads a run tells the screen."""

from dataclasses import dataclass

from textual.message import Message

from tuilab.ui.screens.run_found import Found


@dataclass
class Looked(Message):
    """A look at the run has found something."""

    found: Found


@dataclass
class OthersLooked(Message):
    """A look at the runs drawn beside this one has found something."""


@dataclass
class Unreadable(Message):
    """The run's directory cannot be read."""

    why: str

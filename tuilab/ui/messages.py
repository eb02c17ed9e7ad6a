"""What threads tell the lab: they never touch a widget, they post one of these."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.message import Message

if TYPE_CHECKING:
    from tuilab.catalog import Catalog
    from tuilab.runs import Run
    from tuilab.ui.screens.lab_shelf import Preset


@dataclass
class ShelfRead(Message):
    """The presets were read."""

    shelf: "list[Preset]"


@dataclass
class CatalogRead(Message):
    """The worker has described the zoo."""

    catalog: "Catalog"


@dataclass
class WorkerStarted(Message):
    """A worker was put in standby; it takes questions, and answers when it has imported torch."""


@dataclass
class WorkerReady(Message):
    """The worker in standby answers."""


@dataclass
class WorkerGone(Message):
    """The worker in standby is not there any more."""

    error: str


@dataclass
class Checked(Message):
    """The worker has built what a draft describes, or said why it cannot."""

    number: int
    """Which question this answers; a late answer to an older one is dropped."""
    facts: Mapping[str, Any]
    problems: Mapping[str, str]


@dataclass
class Previewed(Message):
    """The worker has looked into a data set, or said why it cannot."""

    sample: Mapping[str, Any]
    error: str


@dataclass
class RunStarted(Message):
    """A run's directory is there and its worker is on the way."""

    run: "Run"


@dataclass
class RunRefused(Message):
    """A run could not be started."""

    error: str


@dataclass
class ChartsLoaded(Message):
    """NumPy and the charts are imported: curves can be drawn without a wait."""

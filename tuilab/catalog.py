"""What the zoo holds, as the screen knows it: cards, without torch.

The worker describes the zoo; the description is kept on disk under a
fingerprint of the zoo's files, so that later launches have it at once.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tuilab.errors import UnknownName
from tuilab.registry import Card

KINDS = ("datasets", "models", "losses", "optimizers", "schedules")


@dataclass(frozen=True, slots=True)
class TaskCard:
    """What the screen must know of a task."""

    name: str
    default_loss: str
    metrics: tuple[str, ...]
    """The one people quote first comes first."""
    higher_is_better: bool
    """Of the first metric."""
    poses_on: tuple[str, ...] = ()
    """Tasks whose data can be given this one in place of theirs, by `data.task`."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that can be chosen, by kind and name."""

    cards: Mapping[str, Mapping[str, Card]]
    """By the plural of the kind: datasets, models, losses, optimizers, schedules."""
    tasks: Mapping[str, TaskCard]

    def card(self, kind: str, name: str) -> Card:
        """Return one card; `kind` is plural.

        Raises:
            UnknownName: there is no such component.
        """
        if name not in self.cards[kind]:
            raise UnknownName("loss" if kind == "losses" else kind[:-1], name, self.cards[kind])
        return self.cards[kind][name]

    def task_of(self, dataset: str, posed: str = "auto") -> TaskCard:
        """Return the task that a data set poses, or the one that is posed on its data instead.

        A word for it that is none (auto is one) leaves the data set its own.
        """
        return self.tasks[posed if posed in self.tasks else self.card("datasets", dataset).facts["task"]]

    def fitting(self, kind: str, task: str) -> list[str]:
        """Return the names of the models or losses that fit a task."""
        return [name for name, card in self.cards[kind].items() if task in card.facts.get("tasks", [task])]

    def to_json(self) -> dict[str, Any]:
        """Return the catalogue as plain values."""
        return {
            "cards": {
                kind: [card.to_json() for card in cards.values()] for kind, cards in self.cards.items()
            },
            "tasks": [asdict(task) for task in self.tasks.values()],
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Catalog":
        """Rebuild a catalogue from `to_json`."""
        cards = {
            kind: {card["name"]: Card.from_json(card) for card in cards}
            for kind, cards in raw["cards"].items()
        }
        tasks = {
            task["name"]: TaskCard(
                **{**task, "metrics": tuple(task["metrics"]), "poses_on": tuple(task["poses_on"])}
            )
            for task in raw["tasks"]
        }
        return cls(cards, tasks)


def load_cached(home: Path, own_files: Iterable[Path] = ()) -> Catalog | None:
    """Return the catalogue that was described when the zoo's files were as they are now."""
    path = _cache_path(home, own_files)
    try:
        return Catalog.from_json(json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # not there yet, or written by a version that knew other fields: described anew


def save_cached(catalog: Catalog, home: Path, own_files: Iterable[Path] = ()) -> None:
    """Keep a description; a home that cannot be written only costs the next launch its speed."""
    path = _cache_path(home, own_files)
    aside = path.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(catalog.to_json()))
        aside.rename(path)
        for old in path.parent.glob("catalog-*.json"):
            if old != path and old.stat().st_mtime < path.stat().st_mtime - 30 * 86400:
                old.unlink()
        return
    with contextlib.suppress(OSError):
        aside.unlink()  # half of it, on a disk that is full


def _cache_path(home: Path, own_files: Iterable[Path]) -> Path:
    """Return where the description of exactly these files stands."""
    here = Path(__file__).parent
    vocabulary = [here / name for name in ("catalog.py", "registry.py", "knobs.py")]
    vocabulary += sorted((here / "schedules").glob("*.py"))
    files = sorted((here / "zoo").rglob("*.py")) + vocabulary + sorted(own_files)
    state = [sys.version]
    for file in files:
        with contextlib.suppress(OSError):
            stat = file.stat()
            state.append(f"{file}:{stat.st_size}:{stat.st_mtime_ns}")
    digest = hashlib.sha256("\n".join(state).encode()).hexdigest()[:16]
    return home / "cache" / f"catalog-{digest}.json"

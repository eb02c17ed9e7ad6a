"""What is each allowed but does not go together, found from tables alone.

Components that do not fit the data's task, and options that exclude each other.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tuilab.catalog import Catalog
from tuilab.errors import Problem, nearest
from tuilab.knobs import Value
from tuilab.options import AUGMENTATIONS
from tuilab.registry import Card
from tuilab.spec import COMPONENTS, Raw


def posed(raw: Mapping[str, Any]) -> str:
    """Return what is to be learned from the data, as the tables say it."""
    data = raw.get("data")
    return str(data.get("task", "auto")) if isinstance(data, dict) else "auto"


def misfits(tables: Mapping[str, Mapping[str, Value]], catalog: Catalog) -> Iterator[Problem]:
    """Find components that do not fit the data; what is wrong by itself was found before."""
    data = tables.get("data", {})
    if "name" not in data:
        return
    dataset = catalog.card("datasets", str(data["name"]))
    own, task = catalog.task_of(dataset.name), catalog.task_of(dataset.name, posed(tables))
    if task != own and own.name not in task.poses_on:
        yield Problem(
            "data.task",
            f"{dataset.name!r} is made for {own.name}; {task.name!r} is posed on data for "
            f'{" or ".join(task.poses_on)}. Leave it at "auto", or choose other data.',
        )
        return
    for table in ("model", "loss"):
        kind, name = COMPONENTS[table], str(tables.get(table, {}).get("name", ""))
        fitting = catalog.fitting(kind, task.name)
        if name and name not in fitting:
            yield Problem(
                f"{table}.name",
                f"{name!r} does not fit {dataset.name!r}, which poses the task {task.name}. "
                f"Choose from {', '.join(fitting)}.",
            )
    yield from _augmentation(tables, dataset)
    if data.get("path") and not dataset.facts.get("path"):
        yield Problem("data.path", f"{dataset.name!r} brings its own data and reads no path; leave it empty.")


def _augmentation(tables: Mapping[str, Mapping[str, Value]], dataset: Card) -> Iterator[Problem]:
    """Find images that cannot be varied as asked: none at all, or blended where no loss takes blends."""
    kinds = tables["data"].get("augment")
    if not isinstance(kinds, list) or not kinds:
        return
    for kind in kinds:
        if kind not in AUGMENTATIONS:
            yield Problem("data.augment", f"there is no {kind!r} here. {nearest(kind, AUGMENTATIONS)}")
    if len(dataset.facts.get("shape", [1, 1, 1])) != 3:
        yield Problem("data.augment", f"{dataset.name!r} holds no images to be varied. Leave the list empty.")
    loss = tables.get("loss", {})
    if "mixup" in kinds and loss.get("name", "cross-entropy") != "cross-entropy":
        yield Problem(
            "data.augment",
            f"mixup blends classes, which {loss['name']!r} cannot take; use cross-entropy or leave it out.",
        )
    elif "mixup" in kinds and loss.get("class_weights"):
        yield Problem(
            "loss.class_weights", "a blend of classes has no one weight; leave it empty with mixup."
        )


def conflicts(raw: Raw, tables: Mapping[str, Mapping[str, Value]], catalog: Catalog) -> Iterator[Problem]:
    """Find values that are each allowed but not together."""
    train, given = tables.get("train", {}), raw.get("train", {})
    lengths = {key: train.get(key) for key in ("steps", "epochs")}
    if isinstance(given, dict) and given.get("steps") and given.get("epochs"):
        yield Problem("train.epochs", "steps are given too; keep one of the two.")
    if lengths["steps"] == 0 and lengths["epochs"] == 0:
        yield Problem("train.epochs", "is 0 and so are the steps; one of the two must say how long to train.")
    if "off" not in (train.get("clip_norm", "off"), train.get("clip_value", "off")):
        yield Problem("train.clip_value", "clip_norm is given too; keep one of the two.")
    if train.get("early_stop", "off") != "off" and train.get("eval_every") == "off":
        yield Problem("train.early_stop", "counts evaluations, and eval_every is off; change one of the two.")
    schedule = catalog.cards["schedules"].get(str(tables.get("schedule", {}).get("name", "")))
    if train.get("eval_every") == "off" and schedule and schedule.facts.get("reacts"):
        yield Problem(
            "train.eval_every", f"is off, but {schedule.name!r} waits for evaluations; turn them on."
        )
    if train.get("int8") and train.get("checkpoint_every") == "off":
        yield Problem("train.int8", "tests what was saved; give train.checkpoint_every an interval.")
    init = tables.get("model", {}).get("init")
    if isinstance(init, dict) and not str(init.get("from", "")).strip():
        yield Problem("model.init", 'say which run to start from, like { from = "last" }.')
    shares = tables.get("data", {}).get("split")
    if isinstance(shares, list) and (len(shares) != 3 or abs(sum(shares) - 1) > 1e-6 or 0 in shares):
        yield Problem("data.split", "gives three shares above 0 that sum to 1, like [0.72, 0.08, 0.2].")

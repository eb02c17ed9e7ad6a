"""From a spec to the things it names, ready to train."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from tuilab.engine import compiled, devices
from tuilab.engine.freeze import adapt
from tuilab.engine.graph import obstacle
from tuilab.engine.loader import placed
from tuilab.engine.rehearsal import check_data, check_model, check_optimizer, is_own, watched
from tuilab.errors import TuilabError
from tuilab.schedules import Schedule, schedules
from tuilab.spec import Spec
from tuilab.zoo.augment import Augmentation
from tuilab.zoo.data import Data, Request
from tuilab.zoo.initialise import initialise
from tuilab.zoo.normalize import Normalizer, fit
from tuilab.zoo.optimizers.groups import groups
from tuilab.zoo.posed import posed
from tuilab.zoo.registries import Loss, datasets, losses, models, optimizers
from tuilab.zoo.tasks.task import Task

_EVAL_ROWS = 512
"""Rows scored at once where inputs are measurements: large enough to be fast, small enough to fit."""

_EVAL_TOKENS, _EVAL_SCORES = 2048, 1 << 24
"""Tokens read and scores given at once where inputs are tokens, if a training batch is no more."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A data set as a run sees it: cut, limited, normalised, on its device."""

    data: Data
    normalizer: Normalizer


@dataclass(slots=True)
class Built:
    """Everything a run is made of."""

    spec: Spec
    device: torch.device
    prepared: Prepared
    model: nn.Module
    loss_fn: Loss
    optimizer: Optimizer
    schedule: Schedule
    augmentation: Augmentation | None
    """What varies the training images."""

    @property
    def data(self) -> Data:
        """The data set."""
        return self.prepared.data

    @property
    def batch_size(self) -> int:
        """Samples in a batch."""
        wanted = self.spec.data.batch_size
        return self.data.train.rows if wanted == "full" else min(int(wanted), self.data.train.rows)

    @property
    def eval_batch_size(self) -> int:
        """Samples scored at once: at least a training batch, and never so few that calls are the cost."""
        task = self.data.task
        if not task.tokens:
            return max(_EVAL_ROWS, self.batch_size)
        length = task.input_shape[0]
        return max(self.batch_size, min(_EVAL_TOKENS // length, _EVAL_SCORES // (length * task.outputs)))

    @property
    def searches(self) -> bool:
        """Whether the optimizer looks at the loss more than once a step."""
        return bool(optimizers[self.spec.component("optimizer")[0]].card.facts.get("closure"))

    @property
    def steps_per_epoch(self) -> float:
        """Optimizer steps in a pass over the training data."""
        batches = -(-self.data.train.rows // self.batch_size)
        return batches / self.spec.train.accumulate

    @property
    def steps(self) -> int:
        """The budget in optimizer steps."""
        train = self.spec.train
        return train.steps or max(1, round(train.epochs * self.steps_per_epoch))


def build(spec: Spec, cache: Path) -> Built:
    """Build everything a spec names, from its seed alone.

    Args:
        spec: the experiment.
        cache: where fetched data are kept.

    Raises:
        TuilabError: the parts do not fit each other, or the data are not to be had.
    """
    train = spec.train
    # Always set: a worker in standby may have built another spec before this one.
    default = devices.default_threads()
    torch.set_num_threads(train.threads or default)
    device = devices.choose(train.device)
    devices.prepare(device, train.precision)
    prepared = _begun(prepare(spec, cache, device))
    _refuse_looking_twice(spec, prepared.data.task)
    devices.seed_everything(train.seed)
    model = build_model(spec, prepared.data).to(device)
    loss_name, loss_knobs = spec.component("loss")
    with watched(spec, "loss"):
        loss_fn = losses[loss_name].build(prepared.data.task, **loss_knobs)
    name, knobs = spec.component("optimizer")
    weight_decay = float(knobs.get("weight_decay", 0.0))  # type: ignore[arg-type]
    with watched(spec, "optimizer"):
        optimizer = optimizers[name].build(groups(model, weight_decay), **knobs)
    if is_own(spec, "optimizer"):
        check_optimizer(optimizer, spec)
    varied = Augmentation(spec.data.augment, prepared.data.task) if spec.data.augment else None
    built = Built(spec, device, prepared, model, loss_fn, optimizer, build_schedule(spec), varied)
    if train.graph == "on" and (reason := obstacle(built)):
        raise TuilabError(f'train.graph: {reason}. Choose "auto" or "off".')
    if train.compile:
        compiled.compile_model(model, device, watched=spec.probes.activations != "off")
    return built


def build_model(spec: Spec, data: Data) -> nn.Module:
    """Build the model on the CPU, with the starting weights the spec asks for."""
    name, knobs = spec.component("model")
    with watched(spec, "model"):
        model = models[name].build(data.task, **knobs)
    if is_own(spec, "model"):
        check_model(model, spec)
    init = spec.model.init
    # What another run left is put in later, where there is a run to be found.
    initialise(model, init if isinstance(init, str) else "default", spec.model.init_std)
    adapt(model, spec.model)
    return model


def build_schedule(spec: Spec, changes: dict[str, Any] | None = None) -> Schedule:
    """Build the schedule, with knobs that were changed while it ran."""
    name, knobs = spec.component("schedule")
    return schedules[name].build(**{**knobs, **(changes or {})})


_NOT_OF_THE_DATA = ("batch_size", "augment")
"""Options of [data] that change what is done with a data set, not the set."""


def prepare(spec: Spec, cache: Path, device: torch.device) -> Prepared:
    """Load, cut, limit and normalise the data set a spec names.

    The last ones are kept, so that a worker that checked a spec starts it at once.
    """
    table = {key: value for key, value in spec.tables["data"].items() if key not in _NOT_OF_THE_DATA}
    return _prepare(json.dumps(table), spec.train.seed, cache, device)


def _begun(prepared: Prepared) -> Prepared:
    """Return the data with a task that remembers nothing of another run of this worker's."""
    data = prepared.data
    return replace(prepared, data=replace(data, task=data.task.begin()))


def _refuse_looking_twice(spec: Spec, task: Task) -> None:
    """Refuse what asks for the same batch again where a batch is never the same work twice.

    Raises:
        TuilabError: names the key.
    """
    if task.repeatable:
        return
    why = f"looks twice at a batch, and a {task.name} task plays it anew each time"
    for probe in ("noise_scale", "sharpness"):
        if getattr(spec.probes, probe) != "off":
            raise TuilabError(f'probes.{probe}: {why}. Leave it at "off".')
    name = spec.component("optimizer")[0]
    if optimizers[name].card.facts.get("closure"):
        raise TuilabError(f"optimizer.name: {name} {why}. Choose another, like adam.")


@lru_cache(maxsize=2)
def _prepare(table: str, seed: int, cache: Path, device: torch.device) -> Prepared:
    spec = Spec({"data": json.loads(table)})
    options = spec.data
    name, knobs = spec.component("data")
    shares = options.split
    request = Request(seed, (shares[0], shares[1], shares[2]), options.path, cache)
    with watched(spec, "data", "cannot be read"):
        data = datasets[name].build(request, **knobs)
    if is_own(spec, "data"):
        check_data(data, name)
    limited = data.train if options.limit == "off" else data.train.limited(options.limit)
    normalizer = fit(options.normalize, limited, data.task)
    splits = [normalizer.split(split) for split in (limited, data.eval, data.test)]
    train, held, test = placed(splits, device)
    return Prepared(posed(Data(data.task, train, held, test, data.notes), options.task), normalizer)

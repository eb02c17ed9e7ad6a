"""The training loop: forward, loss, backward, clip, step.

It neither prints, sleeps nor writes. To pause is to stop pulling; a recorder
hangs on it and is told of every step.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor

from tuilab.engine import devices
from tuilab.engine.average import WeightAverage
from tuilab.engine.batches import Batches
from tuilab.engine.build import Built
from tuilab.engine.fast.adam import AdamStep
from tuilab.engine.fast.channels_last import lay_out
from tuilab.engine.gradients import Gradients, Part
from tuilab.engine.graph import Inputs, Outcome, graphed
from tuilab.engine.probes.watch import Watch
from tuilab.engine.rate import Rate
from tuilab.engine.recorder import Recorder


class Trainer:
    """A model, what trains it, and how far it has come."""

    def __init__(self, built: Built) -> None:
        train = built.spec.train
        self.built = built
        self.model = built.model
        self.optimizer = built.optimizer
        self.batches = Batches(
            built.data.train, built.batch_size, train.seed, built.device, train.workers, built.augmentation
        )
        self.average = None if train.ema == "off" else WeightAverage(built.model, train.ema)
        self.rate = Rate(built.spec["optimizer.lr"], built.schedule)  # type: ignore[arg-type]
        self.gradients = Gradients(built.model, train.clip_norm, train.clip_value)
        self.total = built.steps
        """The budget, in steps."""
        self.step = 0
        """Steps done."""
        self.news: list[str] = []
        """What a person would want to know of how steps run; whoever tells it empties the list."""
        bf16 = train.precision == "bf16"
        self._precision = torch.autocast(built.device.type, torch.bfloat16) if bf16 else nullcontext()
        self._accumulate = train.accumulate
        self._searches = built.searches
        self._adam = AdamStep(built.optimizer, plain=train.fast == "off")
        self.graph = graphed(built, self.update, self.news)
        """Replays steps, where that is on and sound."""

    def steps(self, recorder: Recorder, watch: Watch) -> Iterator[int]:
        """Train, yielding the number of steps done after each of them.

        `total` may change between two steps; the loop ends when it is reached.
        """
        self.model.train()
        while self.step < self.total:
            self._set_rate(self.rate.at(self.step, self.total))
            asked = time.perf_counter()
            inputs = [self.batches.next() for _ in range(self._accumulate)]
            waited = time.perf_counter() - asked
            watch.before(self, inputs)
            outcome = None
            if self.graph is not None and not watch.looks_inside:
                outcome = self.graph.run(inputs)
            if outcome is None:
                outcome = self.update(inputs, watch)
            watch.after(self, outcome.norms)
            samples = sum(len(one[0]) for one in inputs)
            recorder.step(self.step, self.epoch, self.rate.now, samples, waited, outcome.scalars)
            self.step += 1
            yield self.step

    def update(self, inputs: list[Inputs], watch: Watch | None = None) -> Outcome:
        """Do one step: forward, loss, backward, clip, step."""
        random = devices.random_state() if self._searches else {}
        loss = self._losses(inputs)
        values = self.built.data.task.step_values(self.model)  # before the step: where the loss was taken
        norms = self.gradients.norms()
        if watch is not None:
            watch.gradients(self)
        grad_norm, clip_share = self.gradients.clip(norms)
        if self._searches:
            self.optimizer.step(self._closure(inputs, random))
        else:
            self._adam.step()
        self.gradients.forget()
        if self.average is not None:
            self.average.update()
        read = self.gradients.read
        return Outcome([read(loss), grad_norm, clip_share, *map(read, values.values())], norms)

    def settings_changed(self) -> None:
        """Note that a setting other than the rate is not what it was."""
        if self.graph is not None:
            self.graph.forget()

    @property
    def epoch(self) -> float:
        """Passes over the training data, up to the batches given so far."""
        return self.batches.position / self.batches.per_epoch

    def state(self) -> dict[str, Any]:
        """Return what, beside the weights, makes the next step what it would have been."""
        return {
            "step": self.step,
            "total": self.total,
            "position": self.batches.position,
            "optimizer": self._optimizer_state(),
            "task": self.built.data.task.state(),
            "average": [] if self.average is None else self.average.average,
            "eval_losses": self.rate.eval_losses,
            "averaged": [] if self.average is None else self.average.names,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.step, self.total = state["step"], state["total"]
        self.batches.position = state["position"]
        # Steps are counted on the host, unless they are recorded here too.
        saved = state["optimizer"]
        for group in saved["param_groups"]:
            if "capturable" in group:
                group["capturable"] = False
        self.optimizer.load_state_dict(saved)
        lay_out(self.optimizer)
        _count_on_host(self.optimizer)
        if self.graph is not None:
            self.graph.adopt(self.optimizer)
        self.built.data.task.restore(state["task"])
        if self.average is not None:
            self.average.load(state["average"])
        self.rate.restore(state["eval_losses"])

    def _optimizer_state(self) -> dict[str, Any]:
        """Return the optimizer's state with its rate as a plain number, wherever it is kept."""
        state = self.optimizer.state_dict()
        groups = [{**group, "lr": self.rate.now} for group in state["param_groups"]]
        return {**state, "param_groups": groups}

    def _set_rate(self, rate: float) -> None:
        if self.graph is not None:
            self.graph.set_rate(rate)
            return
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def _losses(self, inputs: list[Inputs]) -> Tensor:
        """Go forward and backward over a step's batches; return their mean loss."""
        alone = len(inputs) == 1
        return self.gradients.average([self._backward(one, alone) for one in inputs])

    def _backward(self, batch: Inputs, alone: bool) -> Part:
        """Run forward, loss and backward; return the loss, times its weight, and that weight.

        Batches that make one step together weigh as much as they have targets, or a short
        one would count as much as a long one.
        """
        task = self.built.data.task
        x, y = self.batches.gather(batch)
        with self._precision:
            outputs, targets = task.forward(self.model, x, y)
            loss: Tensor = self.built.loss_fn(outputs, targets)
        weight = 1 if alone else task.counted(targets)
        if not alone:
            loss = loss * weight
        loss.backward()
        return loss.detach(), weight

    def _closure(self, inputs: list[Inputs], random: dict[str, Any]) -> Callable[[], float]:
        """Return what an optimizer that searches along a line asks: the loss elsewhere, same batches.

        Every look draws the random numbers (dropout) that the first one drew.
        """

        def loss_here() -> float:
            devices.restore_random_state(random)
            self.gradients.forget()
            loss = self._losses(inputs)
            self.gradients.clip(self.gradients.norms())
            return loss  # type: ignore[return-value]  # torch's closures give floats or tensors alike

        return loss_here


def _count_on_host(optimizer: torch.optim.Optimizer) -> None:
    """Bring back what NAdam reads on the host: loading its state puts all but "step" beside the weights."""
    for group in optimizer.param_groups:
        if group.get("capturable") is False and not group.get("fused"):
            for state in (optimizer.state.get(parameter, {}) for parameter in group["params"]):
                state.update({name: value.cpu() for name, value in state.items() if value.ndim == 0})

"""The training loop: forward, loss, backward, clip, step.

It neither prints, sleeps nor writes. To pause is to stop pulling; a recorder
hangs on it and is told of every step.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_value_, clip_grads_with_norm_

from tuilab.engine import devices
from tuilab.engine.average import WeightAverage
from tuilab.engine.batches import Batches
from tuilab.engine.build import Built
from tuilab.engine.graph import Inputs, Outcome, graphed
from tuilab.engine.probes.watch import Watch
from tuilab.engine.recorder import Recorder, StepRow
from tuilab.schedules import Schedule, reaction_of

Part = tuple[Tensor, Tensor | int]
"""Of a step: a batch's mean loss times its weight, and the weight."""


class Trainer:
    """A model, what trains it, and how far it has come."""

    def __init__(self, built: Built) -> None:
        train = built.spec.train
        self.built = built
        self.model = built.model
        self.optimizer = built.optimizer
        self.batches = Batches(built.data.train, built.batch_size, train.seed, built.device)
        self.average = None if train.ema == "off" else WeightAverage(built.model, train.ema)
        self._eval_losses: list[float] = []
        self.follow(built.schedule)
        self.base_lr: float = built.spec["optimizer.lr"]  # type: ignore[assignment]
        """What the schedule multiplies."""
        self.clip_norm, self.clip_value = train.clip_norm, train.clip_value
        self.total = built.steps
        """The budget, in steps."""
        self.step = 0
        """Steps done."""
        self.lr = 0.0
        """The learning rate of the newest step."""
        self.news: list[str] = []
        """What a person would want to know of how steps run; whoever tells it empties the list."""
        self._bf16 = train.precision == "bf16"
        self._searches = built.searches
        self._parameters = [parameter for parameter in built.model.parameters() if parameter.requires_grad]
        self.graph = graphed(built, self.update, self.news)
        """Replays steps, where that is on and sound."""

    def steps(self, recorder: Recorder, watch: Watch) -> Iterator[int]:
        """Train, yielding the number of steps done after each of them.

        `total` may change between two steps; the loop ends when it is reached.
        """
        self.model.train()
        while self.step < self.total:
            # The middle of each step: neither end of the run is spent on a zero rate.
            self._set_rate(self.base_lr * self._schedule((self.step + 0.5) / self.total) * self._factor)
            asked = time.perf_counter()
            inputs = [self.batches.next() for _ in range(self.built.spec.train.accumulate)]
            waited = time.perf_counter() - asked
            watch.before(self, inputs)
            outcome = None
            if self.graph is not None and not watch.looks_inside:
                outcome = self.graph.run(inputs)
            if outcome is None:
                outcome = self.update(inputs, watch)
            watch.after(self, outcome.norms)
            samples = sum(len(one[0]) for one in inputs)
            recorder.step(StepRow(self.step, self.epoch, self.lr, samples, waited), outcome.scalars)
            self.step += 1
            yield self.step

    def update(self, inputs: list[Inputs], watch: Watch | None = None) -> Outcome:
        """Do one step: forward, loss, backward, clip, step."""
        random = devices.random_state() if self._searches else {}
        loss = self._losses(inputs)
        values = self.built.data.task.step_values(self.model)  # before the step: where the loss was taken
        norms = self._gradient_norms()
        if watch is not None:
            watch.gradients(self)
        grad_norm, clip_share = self._clip(norms)
        if self._searches:
            self.optimizer.step(self._closure(inputs, random))
        else:
            self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.average is not None:
            self.average.update()
        return Outcome([loss, grad_norm, clip_share, *values.values()], norms)

    def settings_changed(self) -> None:
        """Note that a setting other than the rate is not what it was."""
        if self.graph is not None:
            self.graph.forget()

    def follow(self, schedule: Schedule) -> None:
        """Take the rate from this schedule, as if it had seen all that happened so far."""
        self._schedule, self._reaction, self._factor = schedule, reaction_of(schedule), 1.0
        for loss in self._eval_losses:
            self._factor = self._reaction(loss)

    def saw(self, eval_loss: float) -> None:
        """Let the schedule react to an evaluation."""
        self._eval_losses.append(eval_loss)
        self._factor = self._reaction(eval_loss)

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
            "eval_losses": self._eval_losses,
            "averaged": [] if self.average is None else self.average.names,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.step, self.total = state["step"], state["total"]
        self.batches.position = state["position"]
        self.optimizer.load_state_dict(state["optimizer"])
        for group in self.optimizer.param_groups:
            if "capturable" in group:
                group["capturable"] = False
        if self.graph is not None:
            self.graph.adopt(self.optimizer)
        self.built.data.task.restore(state["task"])
        if self.average is not None:
            self.average.load(state["average"])
        self._eval_losses = state["eval_losses"]
        self.follow(self._schedule)

    def _optimizer_state(self) -> dict[str, Any]:
        """Return the optimizer's state with its rate as a plain number, wherever it is kept."""
        state = self.optimizer.state_dict()
        groups = [{**group, "lr": self.lr} for group in state["param_groups"]]
        return {**state, "param_groups": groups}

    def _set_rate(self, rate: float) -> None:
        self.lr = rate
        if self.graph is not None:
            self.graph.set_rate(rate)
            return
        for group in self.optimizer.param_groups:
            group["lr"] = rate

    def _losses(self, inputs: list[Inputs]) -> Tensor:
        """Go forward and backward over a step's batches; return their mean loss."""
        alone = len(inputs) == 1
        return self._together([self._backward(*self.batches.gather(one), alone=alone) for one in inputs])

    def _backward(self, x: Tensor, y: Tensor, alone: bool) -> Part:
        """Run forward, loss and backward; return the loss, times its weight, and that weight.

        Batches that make one step together weigh as much as they have targets, or a short
        one would count as much as a long one.
        """
        task = self.built.data.task
        with torch.autocast(self.built.device.type, torch.bfloat16, enabled=self._bf16):
            outputs, targets = task.forward(self.model, x, y)
            loss: Tensor = self.built.loss_fn(outputs, targets)
        weight = 1 if alone else task.counted(targets)
        if not alone:
            loss = loss * weight
        loss.backward()
        return loss.detach(), weight

    def _together(self, parts: list[Part]) -> Tensor:
        """Turn the sum of weighed gradients into their mean, and return the mean loss."""
        if len(parts) == 1:
            return parts[0][0]
        total = sum(weight for _, weight in parts)
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        torch._foreach_div_(gradients, total)
        return torch.stack([loss for loss, _ in parts]).sum() / total

    def _closure(self, inputs: list[Inputs], random: dict[str, Any]) -> Callable[[], float]:
        """Return what an optimizer that searches along a line asks: the loss elsewhere, same batches.

        Every look draws the random numbers (dropout) that the first one drew.
        """

        def loss_here() -> float:
            devices.restore_random_state(random)
            self.optimizer.zero_grad(set_to_none=True)
            loss = self._losses(inputs)
            self._clip(self._gradient_norms())
            return loss  # type: ignore[return-value]  # torch's closures give floats or tensors alike

        return loss_here

    def _gradient_norms(self) -> Tensor:
        """Return the gradient's norm of each parameter, (parameters,)."""
        gradients = [p.grad if p.grad is not None else p.new_zeros(()) for p in self._parameters]
        return torch.stack(torch._foreach_norm(gradients))

    def _clip(self, norms: Tensor) -> tuple[Tensor, Tensor]:
        """Scale or cut the gradients where asked; return their norm before, and the share that is left."""
        total = torch.linalg.vector_norm(norms)
        share = torch.ones_like(total)
        if self.clip_norm != "off":
            clip_grads_with_norm_(self._parameters, self.clip_norm, total)
            share = (self.clip_norm / (total + 1e-6)).clamp(max=1.0)
        elif self.clip_value != "off":
            clip_grad_value_(self._parameters, self.clip_value)
        return total, share

"""Learning by doing: the model acts, and what its actions earned is what it learns from.

A sample is where an episode starts. The task plays the batch's episodes with the
model as it is, and gives the loss every action taken and what came of it. So the
trainer's loop is the same as for any other task: forward, loss, backward, step.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from tuilab.zoo.episodes import FIRST, REWARD, Environment, Round, entropy_of, play
from tuilab.zoo.tasks.sample import Sample
from tuilab.zoo.tasks.task import Score, Task


@dataclass(slots=True)
class Memory:
    """What a task that plays remembers from one step to the next."""

    states: Tensor = field(default_factory=lambda: torch.zeros(0))
    """Of the round that is being learned from, (actions taken, state)."""
    taken: Tensor = field(default_factory=lambda: torch.zeros(0))
    """(actions taken, columns of `tuilab.zoo.episodes`)"""
    parts: list[Tensor] = field(default_factory=list)
    """Which rows the coming steps learn from, in turn."""
    earned: Tensor = field(default_factory=lambda: torch.zeros(()))
    """Mean return of the last round's episodes."""
    entropy: Tensor = field(default_factory=lambda: torch.zeros(()))
    """Of the actions that the last batch chose between, in nats."""


@dataclass(frozen=True, kw_only=True)
class Reinforcement(Task):
    """Starting states (episodes, state) played out; outputs (actions taken, actions + 1).

    The last output is the model's guess of the return still to come, which a loss may
    use as its baseline. Targets are (actions taken, columns of `tuilab.zoo.episodes`).
    """

    name: ClassVar[str] = "reinforcement"
    default_loss: ClassVar[str] = "ppo"
    metrics: ClassVar[tuple[str, ...]] = ("return", "entropy")
    higher_is_better: ClassVar[bool] = True
    repeatable: ClassVar[bool] = False

    actions: int
    """To choose between."""
    action_names: tuple[str, ...] = ()
    """What each does, in a word or two."""
    make: Callable[[Tensor], Environment]
    """Starting states (episodes, state) to an environment that stands there."""
    show: Callable[[Tensor], str]
    """The states of one episode (steps + 1, state) as a line of text."""
    discount: float = 0.99
    """What a reward is worth a step later: the field's gamma."""
    trace: float = 0.95
    """Lambda of generalised advantage estimation (Schulman et al. 2016, equation 16)."""
    passes: int = 1
    """How often a round of episodes is learned from before the next is played."""
    parts: int = 1
    """Steps that each pass is cut into."""
    memory: Memory = field(default_factory=Memory, compare=False)

    def begin(self) -> "Reinforcement":
        """Return the task as a run begins it: nothing has been played."""
        return replace(self, memory=Memory())

    def state(self) -> dict[str, Any]:
        """Return the round that is being learned from, so that a resumed run goes on with it."""
        kept = self.memory
        return {"states": kept.states, "taken": kept.taken, "parts": kept.parts, "earned": kept.earned}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        kept = self.memory
        kept.states, kept.taken, kept.earned = state["states"], state["taken"], state["earned"]
        kept.parts = list(state["parts"])

    def forward(self, model: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Play from the states x (episodes, state) and return what was chosen between, and what came of it.

        A model in evaluation mode plays its best action, draws no random number and leaves
        nothing behind. One in training draws its actions and learns from each round
        `passes` times in `parts` steps; x is played out only when those are used up.
        """
        kept = self.memory
        if not model.training:
            played = self._play(model, x, greedy=True)
            return model(played.states), played.taken
        if not kept.parts:
            played = self._play(model, x, greedy=False)
            kept.states, kept.taken = played.states, played.taken
            kept.parts = self._cut(len(played.taken))
            kept.earned = (played.taken[:, REWARD].sum() / played.taken[:, FIRST].sum()).detach()
        rows = kept.parts.pop(0).to(x.device)
        outputs = model(kept.states.to(x.device).index_select(0, rows))
        kept.entropy = entropy_of(outputs[:, :-1].detach()).mean()
        return outputs, kept.taken.to(x.device).index_select(0, rows)

    def score(self, model: nn.Module, device: torch.device) -> Score:
        """Return empty sums."""
        return ReinforcementScore(device)

    def step_values(self, model: nn.Module) -> dict[str, Tensor]:
        """Return what the last round earned, and how undecided the model is."""
        device = next(model.parameters()).device
        return {"return": self.memory.earned.to(device), "entropy": self.memory.entropy.to(device)}

    @torch.no_grad()
    def sample(self, model: nn.Module, device: torch.device) -> list[Sample]:
        """Show one episode, played as well as the model can from a standstill."""
        was_training = model.training
        model.eval()
        played = self._play(model, torch.zeros(1, *self.input_shape, device=device), greedy=True)
        model.train(was_training)
        return [Sample(f"{len(played.states)} steps: {self.show(played.states.cpu())}")]

    def _play(self, model: nn.Module, starts: Tensor, *, greedy: bool) -> Round:
        return play(model, self.make(starts), starts, greedy=greedy, discount=self.discount, trace=self.trace)

    def _cut(self, rows: int) -> list[Tensor]:
        """Return the rows of each coming step: every pass in an order of its own."""
        if self.parts == 1:
            return [torch.arange(rows) for _ in range(self.passes)]  # one each: a checkpoint tells them apart
        cut = min(self.parts, rows)
        return [part for _ in range(self.passes) for part in torch.randperm(rows).tensor_split(cut)]


class ReinforcementScore(Score):
    """What the episodes earned, and how undecided the model was in them."""

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(4, dtype=torch.float64, device=device)

    def update(self, outputs: Tensor, targets: Tensor, loss: Tensor) -> None:
        """Add a batch of episodes."""
        entropy = entropy_of(outputs[:, :-1]).sum()
        ones = torch.ones_like(targets[:, REWARD]).sum()
        self._sums += torch.stack([targets[:, REWARD].sum(), targets[:, FIRST].sum(), entropy, ones]).double()

    def result(self) -> dict[str, float]:
        """Return mean return and entropy.

        The "loss" is the return with its sign turned: a policy gradient's own loss is not
        comparable between two evaluations, and early stopping has to compare.
        """
        earned, episodes, entropy, steps = self._sums.tolist()
        mean = earned / episodes if episodes else float("nan")
        return {"loss": -mean, "return": mean, "entropy": entropy / steps if steps else float("nan")}

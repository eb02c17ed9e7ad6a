"""Episodes played with a model, and what each action turned out to be worth."""

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

ACTION, LOGP, ADVANTAGE, RETURN, REWARD, FIRST = range(6)
"""Columns of what was taken: the action's number, its log-probability when it was taken, its advantage
(Schulman et al. 2016), the discounted return from there on, its reward, and 1 where an episode begins."""


@runtime_checkable
class Environment(Protocol):
    """Several episodes that go on side by side."""

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Act once in each.

        Args:
            actions: int64 (episodes,).

        Returns:
            The new states (episodes, state), the rewards, whether each has come to its end, and
            whether it was cut off there instead. What is said of one that is over means nothing.
        """


class Round(NamedTuple):
    """All that some episodes were made of, one episode behind the other."""

    states: Tensor
    """float32 (actions taken, state)"""
    taken: Tensor
    """float32 (actions taken, 6): the columns above"""


class _Lanes(NamedTuple):
    """Episodes side by side, padded to the longest: (time, episodes, ...)."""

    states: Tensor
    actions: Tensor
    logp: Tensor
    values: Tensor
    """The model's guess of the return to come, with one more time than the others."""
    rewards: Tensor
    alive: Tensor
    """Whether the episode was still going on when the action was taken."""
    ended: Tensor
    """Whether it came to its end there by itself, so that nothing comes after."""


@torch.no_grad()
def play(
    model: nn.Module, environment: Environment, starts: Tensor, *, greedy: bool, discount: float, trace: float
) -> Round:
    """Play episodes to their ends.

    Args:
        model: states (n, state) to (n, actions + 1), the last the guess of the return to come.
        environment: stands at the starts.
        starts: (episodes, state).
        greedy: take the likeliest action; else draw it, from the CPU's random numbers.
        discount: gamma.
        trace: lambda of generalised advantage estimation.
    """
    lanes = _recorded(model, environment, starts, greedy)
    advantages, returns = _worth(lanes, discount, trace)
    first = torch.zeros_like(lanes.rewards)
    first[0] = 1.0
    columns = (lanes.actions.float(), lanes.logp, advantages, returns, lanes.rewards, first)
    taken = torch.stack(columns, dim=-1).transpose(0, 1)[lanes.alive.T]
    states = lanes.states.transpose(0, 1)[lanes.alive.T]
    return Round(states.to(starts.device), taken.to(starts.device))


def entropy_of(logits: Tensor) -> Tensor:
    """Return the entropy of the choice behind each row of logits (n, actions), in nats (n,)."""
    logp = logits.float().log_softmax(dim=-1)
    return -(logp.exp() * logp).sum(dim=-1)


def _recorded(model: nn.Module, environment: Environment, starts: Tensor, greedy: bool) -> _Lanes:
    """Act until every episode is over, and keep all that was seen; on the CPU, where environments live."""
    states = starts.float().cpu()
    alive = torch.ones(len(states), dtype=torch.bool)
    rows: list[tuple[Tensor, ...]] = []
    while alive.any():
        outputs = model(states.to(starts.device)).float().cpu()
        logp, values = outputs[:, :-1].log_softmax(dim=-1), outputs[:, -1]
        actions = logp.argmax(dim=-1) if greedy else _drawn(logp)
        chosen = logp.gather(1, actions[:, None])[:, 0]
        moved, rewards, ended, cut = map(torch.from_numpy, environment.step(actions.numpy()))
        rows.append((states, actions, chosen, values, rewards.float(), alive, ended))
        alive, states = alive & ~(ended | cut), moved
    last = model(states.to(starts.device)).float().cpu()[:, -1]
    seen, actions, logp, values, rewards, going, ended = map(torch.stack, zip(*rows, strict=True))
    return _Lanes(seen, actions, logp, torch.cat([values, last[None]]), rewards, going, ended)


def _drawn(logp: Tensor) -> Tensor:
    """Draw a choice from each row of log-probabilities."""
    return (logp.exp().cumsum(dim=-1) < torch.rand(len(logp), 1)).sum(dim=-1).clamp(max=logp.shape[1] - 1)


def _worth(lanes: _Lanes, discount: float, trace: float) -> tuple[Tensor, Tensor]:
    """Return the advantage and the discounted return of every action, (time, episodes).

    A_t = sum over k of (gamma lambda)^k delta_(t+k), with delta_t = r_t + gamma V_(t+1) - V_t. Behind
    the true end of an episode nothing is worth anything; where it was merely cut off, the
    model's guess stands for what would have come.
    """
    advantages, returns = torch.zeros_like(lanes.rewards), torch.zeros_like(lanes.rewards)
    advantage = torch.zeros_like(lanes.rewards[0])
    total = lanes.values[-1].clone()
    for time in reversed(range(len(lanes.rewards))):
        # Where the next action was never taken, this one was the last.
        goes_on = lanes.alive[time + 1] if time + 1 < len(lanes.alive) else torch.zeros_like(lanes.alive[0])
        ahead = lanes.values[time + 1] * ~lanes.ended[time]
        delta = lanes.rewards[time] + discount * ahead - lanes.values[time]
        advantage = delta + discount * trace * advantage * goes_on
        total = lanes.rewards[time] + discount * torch.where(goes_on, total, ahead)
        advantages[time], returns[time] = advantage, total
    return advantages, returns

"""A pole on a cart, to be kept upright by pushing left or right."""

import importlib
from typing import Annotated, Any

import numpy as np
import torch
from torch import Tensor

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, cut
from tuilab.zoo.made import MADE, generator
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.reinforcement import Reinforcement

_FEATURES = ("cart position", "cart velocity", "pole angle", "pole velocity")
_NUDGE = 0.05
"""Each of the four starts within so much of a standstill."""
_BARS = "▁▂▃▄▅▆▇█"
_SHOWN = 40
"""Characters in the picture of an episode."""
_TILT = 0.2095
"""Radians, 12 degrees, at which the pole counts as fallen."""


@datasets.register(
    "cartpole",
    source="https://gymnasium.farama.org/environments/classic_control/cart_pole/",
    task="reinforcement",
    rows=250,
    unit="starts",
    shape=[4],
    classes=[],
    extra="rl",
    **MADE,
)
def cartpole(
    request: Request,
    *,
    starts: Annotated[int, Knob("starting states drawn, over all splits", 10, 1_000_000)] = 250,
    longest: Annotated[int, Knob("steps after which an episode is cut off", 1, 100_000)] = 500,
    discount: Annotated[float, Knob("gamma: what a reward is worth a step later", 0, 1)] = 0.99,
    trace: Annotated[
        float, Knob("lambda of the advantage: 1 waits for the end, 0 trusts the critic", 0, 1)
    ] = 0.95,
    passes: Annotated[int, Knob("how often a round of episodes is learned from", 1, 1000)] = 1,
    parts: Annotated[int, Knob("steps that each pass over a round is cut into", 1, 1000)] = 1,
) -> Data:
    """Push a cart left or right so that the pole on it stays up; each step it stands earns 1.

    A sample is where an episode starts; `batch_size` episodes make a round. An episode ends
    when the pole leans more than 12 degrees or the cart leaves the track, and is cut
    off after 500 steps: the best return there is (Barto, Sutton and Anderson 1983).

    Raises:
        TuilabError: gymnasium is not installed.
    """
    _gymnasium()
    drawn = (torch.rand(starts, 4, generator=generator(request.seed)) * 2 - 1) * _NUDGE
    train, held, test = cut(drawn, torch.zeros(starts), request)
    task = Reinforcement(
        input_shape=(4,),
        outputs=3,
        features=_FEATURES,
        actions=2,
        action_names=("push left", "push right"),
        make=lambda states: CartPole(states, longest),
        show=_shown,
        discount=discount,
        trace=trace,
        passes=passes,
        parts=parts,
    )
    return Data(task, train, held, test)


class CartPole:
    """Gymnasium's carts side by side, put where the episodes start."""

    def __init__(self, starts: Tensor, longest: int) -> None:
        self._carts = _gymnasium().CartPoleVectorEnv(num_envs=len(starts), max_episode_steps=longest)
        self._carts.reset(
            seed=0
        )  # of the starts that are drawn for carts whose episode is over; nobody looks
        self._carts.state = starts.double().cpu().numpy().T.copy()

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Push every cart once."""
        states, rewards, ended, cut_off, _ = self._carts.step(actions)
        return states, rewards, ended, cut_off


def _gymnasium() -> Any:
    try:
        return importlib.import_module("gymnasium.envs.classic_control.cartpole")
    except ModuleNotFoundError as error:
        raise TuilabError(
            "data.name: cartpole is played in gymnasium, which is not installed. "
            "Install it where tuilab is: pip install 'tuilab[rl]'."
        ) from error


def _shown(states: Tensor) -> str:
    """Return the pole's lean through an episode, left low and right high."""
    lean = states[:, 2]
    places = torch.linspace(0, len(lean) - 1, min(_SHOWN, len(lean))).long()
    levels = ((lean[places] / _TILT + 1) / 2 * (len(_BARS) - 1)).round().clamp(0, len(_BARS) - 1).int()
    return "lean " + "".join(_BARS[int(level)] for level in levels)

"""Learning by doing: what episodes are worth, and how a round is learned from."""

import importlib
import itertools

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tuilab.errors import TuilabError
from tuilab.zoo.data import Request
from tuilab.zoo.episodes import ACTION, ADVANTAGE, FIRST, LOGP, RETURN, REWARD, entropy_of, play
from tuilab.zoo.registries import datasets, losses, models
from tuilab.zoo.tasks.reinforcement import Reinforcement


class Corridor:
    """Episodes of set lengths whose rewards count up; the state is the time."""

    def __init__(self, lengths: list[int], longest: int) -> None:
        self._lengths = np.array(lengths)
        self._longest = longest
        self._time = 0
        self.actions: list[np.ndarray] = []

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        self.actions.append(actions)
        self._time += 1
        episodes = len(self._lengths)
        states = np.full((episodes, 1), float(self._time), dtype=np.float32)
        cut = np.full(episodes, self._time >= self._longest)
        return states, np.full(episodes, float(self._time)), self._time >= self._lengths, cut


class Guesser(nn.Module):
    """Action 1 at odds that the state sets, and a value that is three times the state."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(x), x - 1, 3 * x], dim=1)


def _worth(
    rewards: list[float], values: list[float], gamma: float, trace: float
) -> tuple[list[float], list[float]]:
    """Return advantages and returns by their definitions, sums over what is still to come.

    `values` has one more entry: what is guessed to lie behind the last step.
    """
    steps = len(rewards)
    deltas = [rewards[t] + gamma * values[t + 1] - values[t] for t in range(steps)]
    advantages = [sum((gamma * trace) ** (k - t) * deltas[k] for k in range(t, steps)) for t in range(steps)]
    returns = [
        sum(gamma ** (k - t) * rewards[k] for k in range(t, steps)) + gamma ** (steps - t) * values[steps]
        for t in range(steps)
    ]
    return advantages, returns


def _play(lengths: list[int], longest: int, *, greedy: bool = True) -> tuple[list[Tensor], list[Tensor]]:
    """Return the states and what was taken, episode by episode."""
    starts = torch.zeros(len(lengths), 1)
    states, taken = play(
        Guesser(), Corridor(lengths, longest), starts, greedy=greedy, discount=0.9, trace=0.8
    )
    begins = taken[:, FIRST].nonzero()[:, 0].tolist()
    pieces = [*begins, len(taken)]
    sizes = [after - before for before, after in itertools.pairwise(pieces)]
    return list(states.split(sizes)), list(taken.split(sizes))


def test_episodes_lie_one_behind_the_other_each_as_long_as_it_lasted() -> None:
    states, taken = _play([3, 1, 5], longest=10)
    assert [len(episode) for episode in taken] == [3, 1, 5]
    assert [episode[:, 0].tolist() for episode in states] == [[0, 1, 2], [0], [0, 1, 2, 3, 4]]
    assert [episode[:, REWARD].tolist() for episode in taken] == [[1, 2, 3], [1], [1, 2, 3, 4, 5]]


def test_nothing_is_worth_anything_behind_the_end_of_an_episode() -> None:
    _, taken = _play([3, 1, 5], longest=10)
    for episode, length in zip(taken, (3, 1, 5), strict=True):
        rewards = [float(t + 1) for t in range(length)]
        values = [3.0 * t for t in range(length)] + [0.0]
        advantages, returns = _worth(rewards, values, 0.9, 0.8)
        torch.testing.assert_close(episode[:, ADVANTAGE], torch.tensor(advantages))
        torch.testing.assert_close(episode[:, RETURN], torch.tensor(returns))


def test_where_an_episode_was_cut_off_the_models_guess_stands_for_the_rest() -> None:
    _, taken = _play([2, 9], longest=4)
    advantages, returns = _worth([1, 2, 3, 4], [0.0, 3.0, 6.0, 9.0, 12.0], 0.9, 0.8)
    torch.testing.assert_close(taken[1][:, ADVANTAGE], torch.tensor(advantages))
    torch.testing.assert_close(taken[1][:, RETURN], torch.tensor(returns))


def test_a_greedy_player_draws_no_random_number_and_takes_the_likeliest() -> None:
    before = torch.get_rng_state()
    _, taken = _play([4], longest=10)
    assert torch.equal(before, torch.get_rng_state())
    assert taken[0][:, ACTION].tolist() == [0, 0, 1, 1]  # the odds are even at the second: the first wins


def test_actions_are_drawn_as_often_as_the_model_finds_them_likely() -> None:
    torch.manual_seed(0)
    _, taken = _play([1] * 20_000, longest=10, greedy=False)
    drawn = torch.cat(taken)
    likely = float(torch.tensor([0.0, -1.0]).softmax(dim=0)[1])
    assert float(drawn[:, ACTION].mean()) == pytest.approx(likely, abs=0.01)
    ones = drawn[drawn[:, ACTION] == 1]
    torch.testing.assert_close(ones[:, LOGP].exp(), torch.full_like(ones[:, LOGP], likely))


def test_entropy_is_highest_where_all_is_even() -> None:
    entropies = entropy_of(torch.tensor([[0.0, 0.0], [50.0, 0.0]]))
    torch.testing.assert_close(entropies, torch.tensor([2.0, 1.0]).log())


def _round() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randn(50, 4, generator=generator, dtype=torch.float64).float()
    taken = torch.rand(50, 6, generator=generator) * 3
    taken[:, ACTION] = taken[:, ACTION].floor()
    taken[:, LOGP] = -taken[:, LOGP]
    return outputs, taken


def _task() -> Reinforcement:
    task = datasets["cartpole"].build(Request()).task
    assert isinstance(task, Reinforcement)
    return task


@pytest.mark.parametrize("baseline", ["none", "mean", "critic"])
def test_reinforce_is_the_log_probability_weighed_by_what_followed(baseline: str) -> None:
    outputs, taken = _round()
    ours = losses["reinforce"].build(_task(), baseline=baseline, value_weight=0.3, entropy_weight=0.2)
    logits, values = outputs[:, :3].double(), outputs[:, 3].double()
    probabilities = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    returns = taken[:, RETURN].double()
    spread = ((returns - returns.mean()) ** 2).mean().sqrt()
    worth = {"none": returns, "mean": (returns - returns.mean()) / spread, "critic": returns - values}
    expected = torch.zeros((), dtype=torch.float64)
    for row in range(50):
        chosen = probabilities[row, int(taken[row, ACTION])]
        expected -= (chosen.log() * worth[baseline][row]) / 50
        expected += 0.2 * (probabilities[row] * probabilities[row].log()).sum() / 50
        if baseline == "critic":
            expected += 0.3 * (values[row] - returns[row]) ** 2 / 50
    torch.testing.assert_close(ours(outputs, taken).double(), expected, rtol=1e-5, atol=1e-6)


def test_ppo_gains_nothing_beyond_its_clip() -> None:
    outputs, taken = _round()
    ours = losses["ppo"].build(_task(), clip=0.2, value_weight=0.3, entropy_weight=0.2)
    logits, values = outputs[:, :3].double(), outputs[:, 3].double()
    probabilities = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    advantages = taken[:, ADVANTAGE].double()
    advantages = (advantages - advantages.mean()) / ((advantages - advantages.mean()) ** 2).mean().sqrt()
    expected = 0.0
    for row in range(50):
        ratio = float(probabilities[row, int(taken[row, ACTION])]) / float(taken[row, LOGP].double().exp())
        clipped = min(max(ratio, 0.8), 1.2)
        expected -= min(ratio * float(advantages[row]), clipped * float(advantages[row])) / 50
        expected += 0.3 * float(values[row] - taken[row, RETURN]) ** 2 / 50
        expected += 0.2 * float((probabilities[row] * probabilities[row].log()).sum()) / 50
    assert float(ours(outputs, taken)) == pytest.approx(expected, rel=1e-5)


def _learner(**knobs: int) -> tuple[Reinforcement, nn.Module, Tensor]:
    torch.manual_seed(0)
    data = datasets["cartpole"].build(Request(), **knobs)
    task = data.task.begin()
    assert isinstance(task, Reinforcement)
    return task, models["policy"].build(task), data.train.take(torch.arange(4))[0]


def test_a_round_is_learned_from_in_parts_that_hold_each_action_once_a_pass() -> None:
    task, model, x = _learner(passes=2, parts=3)
    seen = [task.forward(model, x, x)[1] for _ in range(6)]
    played = task.memory.taken
    for learned in (torch.cat(seen[:3]), torch.cat(seen[3:])):
        assert sorted(learned.tolist()) == sorted(played.tolist())
    task.forward(model, x, x)  # all used up: the next is of another round
    assert task.memory.taken is not played


def test_a_task_taken_up_again_goes_on_with_the_same_round() -> None:
    task, model, x = _learner(passes=2, parts=3)
    task.forward(model, x, x)
    twin, _, _ = _learner(passes=2, parts=3)
    twin.restore(task.state())
    for _ in range(5):
        assert torch.equal(task.forward(model, x, x)[1], twin.forward(model, x, x)[1])


def test_evaluation_leaves_the_round_alone() -> None:
    task, model, x = _learner(passes=2, parts=3)
    task.forward(model, x, x)
    left, played = len(task.memory.parts), task.memory.taken
    model.eval()
    score = task.score(model, torch.device("cpu"))
    outputs, targets = task.forward(model, x, x)
    score.update(outputs, targets, outputs.mean())
    assert (len(task.memory.parts), task.memory.taken) == (left, played)
    result = score.result()
    assert result["return"] == len(targets) / 4  # each step a pole stands earns 1
    assert result["loss"] == -result["return"]
    assert 0 <= result["entropy"] <= 0.6932


def test_a_new_run_does_not_go_on_with_the_round_of_another() -> None:
    task, model, x = _learner(passes=2)
    task.forward(model, x, x)
    begun = task.begin()
    assert isinstance(begun, Reinforcement)
    assert not begun.memory.parts


def test_a_pole_that_nobody_holds_falls() -> None:
    task, model, _ = _learner()
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    model.eval()
    _, taken = task.forward(model, torch.zeros(1, 4), torch.zeros(1))
    assert 5 < len(taken) < 15  # always pushed left; gymnasium's own pole falls after 9 or 10 steps


def test_a_sample_shows_an_episode_and_changes_nothing() -> None:
    task, model, _ = _learner()
    model.train()
    before = torch.get_rng_state()
    (sample,) = task.sample(model, torch.device("cpu"))
    assert model.training
    assert torch.equal(before, torch.get_rng_state())
    assert sample.text.split(" steps: lean ")[0].isdigit()


def test_without_gymnasium_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(TuilabError, match=r"data\.name: .*pip install 'tuilab\[rl\]'"):
        datasets["cartpole"].build(Request())

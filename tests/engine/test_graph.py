"""Replayed steps are the same steps: held by a recorder that needs no GPU."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.engine.kit import MakeRun, Train
from tuilab.engine import graph, questions, trainer
from tuilab.engine.build import Built, build
from tuilab.engine.graph import GraphedSteps, Outcome, Work, obstacle
from tuilab.errors import SpecError
from tuilab.events import EventReader
from tuilab.runs import Run
from tuilab.spec import dumps

SETTINGS = {
    "train.steps": "40",
    "data.batch_size": "128",
    "model.dropout": "0.2",
    "train.clip_norm": "0.5",
    "train.ema": "0.9",
}


class Recorder:
    """Does when it is replayed what it was told to record, and writes the outcome where it said."""

    def __init__(self, waits: str = "", fails: str = "") -> None:
        self._waits, self._fails = waits, fails
        self.recorded = self.replayed = self.forgotten = 0

    def waits(self, work: Callable[[], Outcome]) -> tuple[Outcome, str]:
        return work(), self._waits

    def record(self, work: Callable[[], Outcome]) -> tuple[Callable[[], None], Outcome]:
        if self._fails:
            raise RuntimeError(self._fails)
        self.recorded += 1
        held = Outcome(torch.zeros(3), torch.zeros(6))

        def replay() -> None:
            self.replayed += 1
            scalars, norms = work()
            assert isinstance(held.scalars, torch.Tensor)
            held.scalars.copy_(torch.tensor([float(number) for number in scalars]))
            held.norms.copy_(norms)

        return replay, held

    def forget(self) -> None:
        self.forgotten += 1


@pytest.fixture
def recorded_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Recorder], None]:
    """A function that makes runs record their steps with a recorder."""

    def use(recorder: Recorder) -> None:
        def graphed(built: Built, work: Work, news: list[str]) -> GraphedSteps:
            return GraphedSteps(work, recorder, built.optimizer, built.device, news)

        monkeypatch.setattr(trainer, "graphed", graphed)

    return use


def losses(run: Run) -> bytes:
    return run.steps["loss"].tobytes() + run.steps["grad_norm"].tobytes()


def said(run: Run) -> list[str]:
    return [event.text for event in EventReader(run.path / "events.jsonl").read() if event.kind == "steps"]


@pytest.mark.parametrize("accumulate", ["1", "2"])
def test_replayed_steps_are_the_steps(
    accumulate: str, make_run: MakeRun, train: Train, recorded_by: Callable[[Recorder], None]
) -> None:
    settings = {**SETTINGS, "train.accumulate": accumulate}
    replayed, one_by_one = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    recorder = Recorder()
    recorded_by(recorder)
    assert train(replayed) == "finished"
    recorded_by(Recorder(fails="operation not permitted when stream is capturing\nmore"))
    assert train(one_by_one) == "finished"
    assert losses(replayed) == losses(one_by_one)
    # Full batches, and those with the smaller last one of an epoch at each place of a step.
    assert recorder.recorded == 1 + int(accumulate)
    assert recorder.replayed > 30
    assert said(replayed) == ["steps are recorded as a CUDA graph and replayed"]
    assert said(one_by_one) == [graph.NOT_RECORDED + "operation not permitted when stream is capturing"]


def test_a_replayed_run_is_that_of_plain_steps_but_for_the_rate_s_last_digit(
    make_run: MakeRun, train: Train, recorded_by: Callable[[Recorder], None]
) -> None:
    plain, replayed = make_run("digits-mlp", **SETTINGS), make_run("digits-mlp", **SETTINGS)
    train(plain)
    recorded_by(Recorder())
    train(replayed)
    assert replayed.steps["loss"] == pytest.approx(plain.steps["loss"], abs=1e-4)
    assert replayed.steps["lr"].tobytes() == plain.steps["lr"].tobytes()


def test_probes_leave_replayed_steps_as_they_are(
    make_run: MakeRun, train: Train, recorded_by: Callable[[Recorder], None]
) -> None:
    names = ("layers", "updates", "activations", "histograms", "noise_scale")
    watched = make_run("digits-mlp", **SETTINGS, **{f"probes.{name}": "3" for name in names})
    alone = make_run("digits-mlp", **SETTINGS, **{f"probes.{name}": "off" for name in names})
    seen = []
    for run in (watched, alone):
        recorder = Recorder()
        recorded_by(recorder)
        train(run)
        seen.append(recorder.replayed)
    assert losses(watched) == losses(alone)
    assert 0 < seen[0] < seen[1]  # who looks into a step needs it run as it is


def test_who_only_looks_from_outside_does_not_keep_a_step_from_being_replayed(
    make_run: MakeRun, train: Train, recorded_by: Callable[[Recorder], None]
) -> None:
    run = make_run("digits-mlp", **SETTINGS, **{"probes.layers": "1", "probes.updates": "1"})
    recorder = Recorder()
    recorded_by(recorder)
    train(run)
    assert recorder.replayed > 30


def test_a_replayed_run_is_taken_up_exactly(
    make_run: MakeRun,
    train: Train,
    kill_at: Callable[[Run, int], None],
    recorded_by: Callable[[Recorder], None],
) -> None:
    settings = {**SETTINGS, "train.checkpoint_every": "10"}
    whole, killed = make_run("digits-mlp", **settings), make_run("digits-mlp", **settings)
    recorded_by(Recorder())
    train(whole)
    kill_at(killed, 27)
    train(killed)
    assert losses(killed) == losses(whole)


def test_a_step_that_waits_for_the_device_is_not_recorded(
    make_run: MakeRun, train: Train, recorded_by: Callable[[Recorder], None]
) -> None:
    run = make_run("digits-mlp", **SETTINGS)
    recorder = Recorder(waits="norm.py:12")
    recorded_by(recorder)
    assert train(run) == "finished"
    assert recorder.recorded == 0
    assert said(run) == [graph.NOT_RECORDED + "the step waits for the device (norm.py:12)"]


def test_a_changed_setting_is_recorded_anew() -> None:
    parameter = torch.nn.Parameter(torch.ones(()))
    optimizer = torch.optim.SGD([parameter], lr=1.0, fused=True)
    recorder = Recorder()
    outcome = Outcome(torch.zeros(3), torch.zeros(6))
    steps = GraphedSteps(lambda _: outcome, recorder, optimizer, parameter.device, [])
    batch: list[graph.Inputs] = [(torch.zeros(2),)]
    assert [steps.run(batch) is None for _ in range(4)] == [True, True, False, False]
    told = recorder.forgotten
    steps.forget()
    assert steps.run(batch) is None
    assert recorder.recorded == 1
    assert recorder.forgotten == told + 1


def test_a_recording_that_fails_leaves_no_gradient_for_the_next_step_to_add_to() -> None:
    parameter = torch.nn.Parameter(torch.ones(()))

    class Breaks(Recorder):
        def record(self, work: Callable[[], Outcome]) -> tuple[Callable[[], None], Outcome]:
            parameter.grad = torch.full((), torch.nan)  # made by the backward pass, and never computed
            raise RuntimeError("operation not permitted when stream is capturing")

    outcome = Outcome(torch.zeros(3), torch.zeros(6))
    optimizer = torch.optim.SGD([parameter], lr=1.0, fused=True)
    steps = GraphedSteps(lambda _: outcome, Breaks(), optimizer, parameter.device, [])
    for _ in range(3):
        steps.run([(torch.zeros(2),)])
    assert steps.given_up
    assert parameter.grad is None


def test_an_optimizer_that_counted_on_the_host_counts_on_the_device_from_then_on() -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.RMSprop([parameter], foreach=True)
    parameter.grad = torch.ones(2)
    optimizer.step()
    device = torch.device("meta")
    GraphedSteps(lambda _: Outcome(torch.zeros(3), torch.zeros(6)), Recorder(), optimizer, device, [])
    assert optimizer.state[parameter]["step"].device == device
    assert optimizer.state[parameter]["square_avg"].device == parameter.device


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, ""),
        ({"optimizer.name": "sgd"}, ""),
        ({"optimizer.name": "lion"}, ""),
        ({"optimizer.name": "lbfgs"}, "decides from step to step"),
        ({"optimizer.name": "adagrad"}, "on the host"),
        ({"optimizer.name": "muon"}, "on the host"),
        ({"train.accumulate": "1000"}, "too long"),
    ],
)
def test_what_cannot_be_recorded_says_why(
    settings: dict[str, str], says: str, make_run: MakeRun, home: Path
) -> None:
    built = build(make_run("digits-mlp", **settings).spec, home / "data")
    assert "need an NVIDIA GPU" in obstacle(built)
    built.device = torch.device("cuda")
    assert says in obstacle(built)
    assert bool(says) == bool(obstacle(built))


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("train.graph", "on", "need an NVIDIA GPU, and this run computes on cpu"),
        ("train.precision", "tf32", "tf32 is a format of NVIDIA GPUs"),
        ("train.compile", "true", "it needs a C++ compiler"),
    ],
)
def test_a_knob_that_does_not_apply_here_is_refused_at_its_place(
    key: str, value: str, says: str, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    run = make_run("digits-mlp", **{key: value})
    with pytest.raises(SpecError) as caught:
        questions.check(dumps(run.spec), run.path)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert says in problem.message


def test_a_compiled_model_cannot_be_listened_to(make_run: MakeRun) -> None:
    run = make_run("digits-mlp", **{"train.compile": "true", "probes.activations": "5"})
    with pytest.raises(SpecError, match=r"no layers left that probes\.activations could listen to"):
        questions.check(dumps(run.spec), run.path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # of PyTorch's compiler, about PyTorch
def test_a_compiled_run_is_the_run(make_run: MakeRun, train: Train) -> None:
    # The compiler draws dropout's random numbers in its own way.
    common = {"train.steps": "20", "model.dropout": "0", "probes.sharpness": "10", "probes.noise_scale": "10"}
    plain = make_run("digits-mlp", **common)
    compiled = make_run("digits-mlp", **common, **{"train.compile": "true"})
    assert train(plain) == train(compiled) == "finished"
    assert compiled.steps["loss"] == pytest.approx(plain.steps["loss"], abs=1e-5)

"""A training step recorded once as a CUDA graph and replayed with a single launch.

A small model's step is a few hundred kernels that take less time to run than to launch. A
recorded step is launched as one. Only what is the same in every step can be recorded, so
each kind of input (a full batch, the smaller last one) is recorded for itself, after some
steps of that kind have run one kernel at a time; the learning rate is a number on the
device; and whatever a step does on the host stays outside.

https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import torch
from torch import Tensor
from torch.optim import Optimizer

from tuilab.engine.ring import Scalar
from tuilab.errors import TuilabError

if TYPE_CHECKING:
    from tuilab.engine.build import Built

Inputs = tuple[Tensor, ...]
"""What a batch is made from: positions, or the samples themselves."""

_WARM_UP = 3
"""Steps of a kind before it is recorded, as PyTorch's notes advise: libraries choose and reserve then."""

_KINDS = 4
"""Kinds of input that are recorded: full and last batches, with room to spare."""

_LARGEST = 64
"""Batches in a step; a graph of more is slow to make and no faster to launch, a batch being long enough."""

_CAPTURABLE = (
    torch.optim.Adam,
    torch.optim.AdamW,
    torch.optim.RMSprop,
    torch.optim.Adadelta,
    torch.optim.NAdam,
    torch.optim.RAdam,
)


NOT_RECORDED = "steps run one kernel at a time, not as a CUDA graph: "


class Outcome(NamedTuple):
    """What a step leaves for those who watch."""

    scalars: Sequence[Scalar] | Tensor
    """One number each, or (numbers,)."""
    norms: Tensor
    """Of each parameter's gradient, before it is clipped; (parameters,)."""


Work = Callable[[list[Inputs]], Outcome]
"""A whole step: batches to new weights."""


class Recorder(Protocol):
    """What makes and launches a recording; a test has one that needs no GPU."""

    def waits(self, work: Callable[[], Outcome]) -> tuple[Outcome, str]:
        """Do the work, and say where it waited for the device, if it did."""

    def record(self, work: Callable[[], Outcome]) -> tuple[Callable[[], None], Outcome]:
        """Record the work without doing it; return how to do it, and where its outcome will be.

        Raises:
            Exception: it cannot be recorded. The device is as it was before; gradients that the
                work had made by then are of no meaning.
        """

    def forget(self) -> None:
        """Take note that no recording made so far will be launched again."""


@dataclass(slots=True)
class _Recording:
    inputs: list[Inputs]
    replay: Callable[[], None]
    outcome: Outcome


class GraphedSteps:
    """Runs steps by replaying recordings where it can."""

    def __init__(
        self,
        work: Work,
        recorder: Recorder,
        optimizer: Optimizer,
        device: torch.device,
        news: list[str],
        insist: bool = False,
    ) -> None:
        """Prepare to record.

        Args:
            work: does a step one kernel at a time.
            recorder: records it.
            optimizer: takes the step.
            device: where.
            news: gets what a person would want to know.
            insist: fail where a step cannot be recorded, rather than run it as it is.
        """
        self._work = work
        self._recorder = recorder
        self._optimizer = optimizer
        self._rate = torch.zeros((), device=device)
        self._last_rate = float("nan")
        self._counts: dict[tuple[torch.Size, ...], int] = {}
        self._recordings: dict[tuple[torch.Size, ...], _Recording] = {}
        self._news = news
        self._insist = insist
        self.given_up = False
        """Whether a recording failed, so that every step is run as it is."""
        self.adopt(optimizer)

    def adopt(self, optimizer: Optimizer) -> None:
        """Make an optimizer read its rate, and count its steps, on the device."""
        self._optimizer = optimizer
        for group in optimizer.param_groups:
            group["lr"] = self._rate
            if "capturable" in group:
                group["capturable"] = True
        # A state that was saved by steps without a graph, or elsewhere, counts on the host.
        for state in optimizer.state.values():
            for name, value in state.items():
                if isinstance(value, Tensor) and value.ndim == 0:
                    state[name] = value.to(self._rate.device)
        # It would warn at every run that a capturable optimizer also runs without a graph.
        optimizer._warned_capturable_if_run_uncaptured = True
        self.forget()

    def set_rate(self, rate: float) -> None:
        """Set the learning rate of the next step, in the order of the work on the device."""
        if rate != self._last_rate:
            self._rate.fill_(rate)
            self._last_rate = rate

    def forget(self) -> None:
        """Throw the recordings away: a setting that they hold has changed."""
        self._recordings.clear()
        self._counts.clear()
        self._recorder.forget()

    def run(self, inputs: list[Inputs]) -> Outcome | None:
        """Do a step, or return None where the caller has to: its kind is not recorded."""
        if self.given_up:
            return None
        kind = tuple(part.shape for one in inputs for part in one)
        recording = self._recordings.get(kind)
        if recording is not None:
            for held, given in zip(recording.inputs, inputs, strict=True):
                for target, source in zip(held, given, strict=True):
                    target.copy_(source, non_blocking=True)
            recording.replay()
            return recording.outcome
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] < _WARM_UP or len(self._recordings) == _KINDS:
            return None
        outcome, waits = self._recorder.waits(lambda: self._work(inputs))
        if waits:
            self._give_up(f"the step waits for the device ({waits})")
        else:
            self._record(kind, inputs)
        return outcome

    def _record(self, kind: tuple[torch.Size, ...], inputs: list[Inputs]) -> None:
        held = [tuple(part.clone() for part in one) for one in inputs]
        try:
            replay, outcome = self._recorder.record(lambda: self._work(held))
        except Exception as error:  # whatever a model does that cannot be recorded, it can still train
            self._optimizer.zero_grad()  # what a backward pass left that was recorded, but never done
            self._give_up(str(error).strip().partition("\n")[0] or type(error).__name__)
            return
        if not self._recordings:
            self._news.append("steps are recorded as a CUDA graph and replayed")
        self._recordings[kind] = _Recording(held, replay, outcome)

    def _give_up(self, reason: str) -> None:
        if self._insist:
            raise TuilabError(f'train.graph: a step cannot be recorded: {reason}. Choose "auto" or "off".')
        self.given_up = True
        self.forget()
        self._news.append(NOT_RECORDED + reason)


def graphed(built: "Built", work: Work, news: list[str]) -> GraphedSteps | None:
    """Return what replays a run's steps, or None where that is off or not sound."""
    train = built.spec.train
    if train.graph == "off" or built.device.type != "cuda":
        return None
    from tuilab.engine.cuda import CudaRecorder

    if reason := obstacle(built):
        news.append(NOT_RECORDED + reason)
        return None
    return GraphedSteps(
        work, CudaRecorder(built.device), built.optimizer, built.device, news, train.graph == "on"
    )


def obstacle(built: "Built") -> str:
    """Return why a run's steps cannot be recorded, known before it is tried; empty where they can."""
    name, batches = type(built.optimizer).__name__, built.spec.train.accumulate
    if built.device.type != "cuda":
        return f"CUDA graphs need an NVIDIA GPU, and this run computes on {built.device.type}"
    if not built.data.task.repeatable:
        return "a batch of this task is never the same work twice"
    if built.searches:
        return f"{name} decides from step to step how often it looks at the loss"
    if batches > _LARGEST:
        return f"a step of {batches} batches is too long for a graph, at most {_LARGEST} fit"
    if not _recordable(built.optimizer):
        return f"{name} counts its steps or reads its rate on the host"
    return ""


def _recordable(optimizer: Optimizer) -> bool:
    """Return whether an optimizer's step is the same work in every step."""
    if isinstance(optimizer, torch.optim.SGD):
        return all(group["fused"] for group in optimizer.param_groups)
    return isinstance(optimizer, _CAPTURABLE) or bool(getattr(optimizer, "recordable", False))

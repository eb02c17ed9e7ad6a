"""A run's model as it was tested, taken up again: to evaluate, to predict, to serve."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from tuilab import origins
from tuilab.engine import packing
from tuilab.engine.build import Built, build
from tuilab.engine.checkpoint import aliases
from tuilab.engine.evaluate import evaluate
from tuilab.engine.quantise import quantise, size_of
from tuilab.engine.weights import weights_of
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.spec import Spec
from tuilab.zoo.normalize import Normalizer

SPLITS = ("train", "eval", "test")


@dataclass(slots=True)
class Trained:
    """A run's weights in its model, in evaluation mode, with the data that its task is about."""

    run: Run
    checkpoint: str
    """"step-00001500" or "best"."""
    built: Built
    normalizer: Normalizer
    """As it was fitted when the run was trained."""
    bytes: int
    """Of the weights, as they are held now."""
    float_bytes: int
    """Of the same weights as float32."""

    @property
    def model(self) -> nn.Module:
        """The model."""
        return self.built.model

    def metrics(self, split: str) -> dict[str, float]:
        """Return "loss" and the task's metrics on a split.

        Raises:
            TuilabError: there is no such split.
        """
        if split not in SPLITS:
            raise TuilabError(f"There is no split {split!r}. Choose from {', '.join(SPLITS)}.")
        built = self.built
        data, task = built.data, built.data.task
        size = built.eval_batch_size
        return evaluate(self.model, task, built.loss_fn, data.split(split), size, built.device).result()

    def facts(self) -> dict[str, Any]:
        """Return what it is, as plain values."""
        task = self.built.data.task
        return {
            "run": self.run.id,
            "checkpoint": self.checkpoint,
            "model": self.run.spec["model.name"],
            "data": self.run.spec["data.name"],
            "task": task.name,
            "input_shape": list(task.input_shape),
            "outputs": task.outputs,
            "parameters": self.run.meta.get("parameters", 0),
            "bytes": self.bytes,
            "float_bytes": self.float_bytes,
            "int8": self.bytes != self.float_bytes,
            "device": str(self.built.device),
        }


def load(run: Run, home: Path, checkpoint: object = "auto", *, int8: bool = False) -> Trained:
    """Build a run's model and put its weights in.

    Args:
        run: whose.
        home: where data are kept.
        checkpoint: "auto", "best", "last" or a step; see `origins.checkpoint_of`.
        int8: round the weights to int8 and compute with them.

    Raises:
        TuilabError: there is no such checkpoint, its files do not fit, or the data are not to be had.
    """
    folder = origins.checkpoint_of(run, checkpoint)
    built = build(_plain(run.spec), home / "data")
    _put(built.model, weights_of(run, folder), run)
    built.model.eval().requires_grad_(False)
    state = built.model.state_dict()
    tied = aliases(state)
    size = size_of({name: tensor for name, tensor in state.items() if name not in tied})
    held = size_of(quantise(built.model)) if int8 else size
    return Trained(run, folder.name, built, _normalizer(folder, built), held, size)


def _plain(spec: Spec) -> Spec:
    """Return a run's spec without what only training needs: the weights come whole, additions merged."""
    model = {**spec.tables["model"], "init": "default", "freeze": [], "lora": "off"}
    train = {**spec.tables["train"], "graph": "off", "compile": False}
    return Spec({**spec.tables, "model": model, "train": train}, spec.preset)


def _put(model: nn.Module, tensors: Mapping[str, Tensor], run: Run) -> None:
    own = model.state_dict()
    whole = {**tensors, **{name: tensors[first] for name, first in aliases(own).items() if first in tensors}}
    try:
        model.load_state_dict(whole)
    except RuntimeError as error:
        raise TuilabError(
            f"the weights of {run.id} do not fit the model that its spec describes: {error}"
        ) from error


def _normalizer(folder: Path, built: Built) -> Normalizer:
    """Return what inputs were brought to scale with; what early stopping kept has its run's."""
    states = [folder / "state", *(path / "state" for path in folder.parent.glob("step-*"))]
    for state in states:
        if state.with_suffix(".json").is_file():
            saved: dict[str, Tensor] = packing.load(state)["normalizer"]
            return Normalizer.from_state_dict(saved)
    return built.prepared.normalizer

"""Another task on the same data: whatever data set is registered, by what its inputs are."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.zoo.test_datasets_minis import fill
from tuilab import zoo
from tuilab.errors import SpecError, TuilabError
from tuilab.registry import Entry
from tuilab.resolve import resolve
from tuilab.zoo.data import Data, Request
from tuilab.zoo.posed import posed
from tuilab.zoo.registries import datasets
from tuilab.zoo.tasks.autoencoder import Autoencoder
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.task import Task


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    fill(path)
    return path


@pytest.mark.parametrize("task", [Autoencoder, MaskedModel])
def test_a_task_is_posed_on_what_it_can_be_learned_from_and_refused_elsewhere(
    dataset: Entry[Data],
    task: type[Autoencoder | MaskedModel],
    cache: Path,
    some_model: Callable[[Task], nn.Module],
) -> None:
    data = dataset.build(Request(cache=cache))
    if data.task.name not in task.poses_on or (task is Autoencoder and data.task.tokens):
        with pytest.raises(TuilabError, match=r"^data\.task: .*auto"):
            posed(data, task.name)
        return
    other = posed(data, task.name)
    assert (other.train, other.eval, other.test) == (data.train, data.eval, data.test)
    if len(data.task.input_shape) == 1 and data.task.outputs > 1000:
        return  # fifty thousand scores at a thousand places are not worth their time
    network = some_model(other.task)
    outputs, targets = other.task.forward(network, *data.eval.take(data.eval.order(None)[:2]))
    assert len(outputs) == len(targets)
    assert len(other.task.sample(network, torch.device("cpu"))) == min(4, data.eval.rows)


def test_auto_leaves_data_alone() -> None:
    data = datasets["digits"].build(Request())
    assert posed(data, "auto") is data


def test_the_posed_task_decides_which_loss_and_models_fit() -> None:
    catalog = zoo.describe()
    spec = resolve(
        {"data": {"name": "digits", "task": "autoencoder"}, "model": {"name": "autoencoder"}}, catalog
    )
    assert spec["loss.name"] == "mse"
    with pytest.raises(
        SpecError, match=r"model\.name: 'mlp' does not fit 'digits', which poses the task autoencoder"
    ):
        resolve({"data": {"name": "digits", "task": "autoencoder"}, "model": {"name": "mlp"}}, catalog)


def test_a_task_that_a_data_set_cannot_pose_is_refused_before_the_data_are_read() -> None:
    raw = {"data": {"name": "digits", "task": "masked-model"}, "model": {"name": "transformer-encoder"}}
    with pytest.raises(SpecError, match=r"data\.task: 'digits' is made for classification; .*language-model"):
        resolve(raw, zoo.describe())

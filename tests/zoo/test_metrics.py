"""Metrics against scikit-learn, which none of the product loads."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from torch import Tensor, nn

from tuilab import zoo
from tuilab.zoo.registries import losses, models
from tuilab.zoo.tasks.autoencoder import Autoencoder
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.regression import Regression
from tuilab.zoo.tasks.task import Task

CPU = torch.device("cpu")


def _result(task: Task, outputs: Tensor, targets: Tensor, batch: int) -> dict[str, float]:
    score = task.score(nn.Identity(), CPU)
    for some, true in zip(outputs.split(batch), targets.split(batch), strict=True):
        score.update(some, true, some.float().square().mean())
    return score.result()


def _calibration_error(outputs: Tensor, targets: Tensor, bins: int = 15) -> float:
    """Guo et al. 2017, eq. 3, as it is written."""
    confidence, predicted = outputs.double().softmax(dim=1).max(dim=1)
    error = 0.0
    for low in np.arange(bins) / bins:
        inside = (confidence > low) & (confidence <= low + 1 / bins)
        if inside.any():
            accuracy = (predicted == targets)[inside].double().mean()
            error += float(inside.double().mean() * (accuracy - confidence[inside].mean()).abs())
    return error


def _top5(outputs: Tensor, targets: Tensor) -> float:
    classes = outputs.shape[1]
    if classes == 2:  # scikit-learn takes two columns for one of a binary classifier
        return 1.0
    return float(
        metrics.top_k_accuracy_score(targets, outputs, k=min(5, classes), labels=list(range(classes)))
    )


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 12), st.integers(1, 200), st.integers(1, 64), st.integers(0, 2**31))
def test_classification_is_scored_as_scikit_learn_does(
    classes: int, rows: int, batch: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    outputs = torch.randn(rows, classes, generator=generator) * 3
    targets = torch.randint(classes, (rows,), generator=generator)
    task = Classification(input_shape=(1,), outputs=classes, classes=tuple(map(str, range(classes))))
    ours = _result(task, outputs, targets, batch)
    predicted, chances = outputs.argmax(dim=1), outputs.double().softmax(dim=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of classes that do not occur
        expected = {
            "accuracy": metrics.accuracy_score(targets, predicted),
            "balanced_accuracy": metrics.balanced_accuracy_score(targets, predicted),
            "macro_f1": metrics.f1_score(targets, predicted, average="macro"),
            "log_loss": metrics.log_loss(targets, chances, labels=list(range(classes))),
            "calibration_error": _calibration_error(outputs, targets),
            "top5_accuracy": _top5(outputs, targets),
        }
    for name, value in expected.items():
        assert ours[name] == pytest.approx(value, abs=1e-5), name
    assert ours["loss"] == pytest.approx(outputs.square().mean(dim=1).mean().item(), rel=1e-5)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 3), st.integers(2, 200), st.integers(1, 64), st.integers(0, 2**31))
def test_regression_is_scored_as_scikit_learn_does(outputs: int, rows: int, batch: int, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    scale, mean = 77.0, 152.0
    targets = torch.randn(rows, outputs, generator=generator)
    guesses = targets + torch.randn(rows, outputs, generator=generator)
    task = Regression(input_shape=(1,), outputs=outputs, target_mean=mean, target_scale=scale)
    ours = _result(task, guesses, targets, batch)
    true, guessed = targets.double() * scale + mean, guesses.double() * scale + mean
    # Two targets almost alike make R2 a huge negative number: relative as well as absolute.
    assert ours["r2"] == pytest.approx(metrics.r2_score(true, guessed), rel=1e-6, abs=1e-6)
    assert ours["mse"] == pytest.approx(metrics.mean_squared_error(true, guessed))
    assert ours["mae"] == pytest.approx(metrics.mean_absolute_error(true, guessed))
    assert ours["rmse"] == pytest.approx(metrics.root_mean_squared_error(true, guessed))


@pytest.mark.parametrize("rows", [1, 3, 7, 1001])
def test_targets_that_do_not_vary_have_no_share_to_explain(rows: int) -> None:
    constant = torch.full((rows, 1), 1 / 3)
    task = Regression(input_shape=(1,), outputs=1, target_mean=5.0, target_scale=3.7)
    assert np.isnan(_result(task, constant + torch.randn(rows, 1), constant, 64)["r2"])
    copies = Autoencoder(input_shape=(1,), outputs=1)
    assert np.isnan(_result(copies, constant * 3.7 + 1, constant * 3.7, 64)["explained"])


def test_r2_keeps_its_digits_far_from_zero() -> None:
    generator = torch.Generator().manual_seed(0)
    true, guessed = (torch.randn(500, 1, generator=generator) * 1e-3 + 1000 for _ in range(2))
    ours = _result(Regression(input_shape=(1,), outputs=1), guessed, true, 64)
    assert ours["r2"] == pytest.approx(metrics.r2_score(true.double(), guessed.double()), rel=1e-9)


def test_bits_and_perplexity_follow_from_the_log_loss() -> None:
    task = LanguageModel(input_shape=(4,), outputs=8, tokens=8, vocabulary=tuple("abcdefgh"))
    ours = _result(task, torch.zeros(12, 8), torch.arange(12) % 8, batch=5)
    assert ours["perplexity"] == pytest.approx(8)
    assert ours["bits_per_character"] == pytest.approx(3)


def test_a_diverged_model_is_scored_without_an_error() -> None:
    broken = torch.full((6, 3), torch.nan)
    task = Classification(input_shape=(1,), outputs=3, classes=("a", "b", "c"))
    assert np.isnan(_result(task, broken, torch.tensor([0, 1, 2, 0, 1, 2]), 4)["log_loss"])
    numbers = Regression(input_shape=(1,), outputs=3)
    assert np.isnan(_result(numbers, broken, torch.zeros(6, 3), 4)["mse"])


def test_the_confusion_matrix_is_left_behind() -> None:
    generator = torch.Generator().manual_seed(0)
    outputs, targets = torch.randn(50, 4, generator=generator), torch.randint(4, (50,), generator=generator)
    score = Classification(input_shape=(1,), outputs=4, classes=tuple("abcd")).score(nn.Identity(), CPU)
    for some, true in zip(outputs.split(7), targets.split(7), strict=True):
        score.update(some, true, some.mean())
    expected = metrics.confusion_matrix(targets, outputs.argmax(dim=1), labels=[0, 1, 2, 3])
    assert score.tables()["confusion"].tolist() == expected.tolist()


def test_every_score_gives_what_its_task_promises(
    sample_tasks: dict[str, list[Task]], batch: Any, some_model: Any
) -> None:
    for tasks in sample_tasks.values():
        model = some_model(tasks[0]).eval()
        score = tasks[0].score(model, CPU)
        with torch.no_grad():
            outputs, targets = tasks[0].forward(model, *batch(tasks[0], 6))
        score.update(outputs, targets, outputs.float().mean())
        assert list(score.result()) == ["loss", *tasks[0].metrics]


def test_the_screen_is_told_of_every_task() -> None:
    told = zoo.describe().tasks
    named = {name for entry in models for name in entry.card.facts["tasks"]}
    assert named == set(told)
    assert {
        "classification",
        "regression",
        "language-model",
        "masked-model",
        "seq2seq",
        "autoencoder",
    } <= named
    assert all(told[name].default_loss in losses for name in named)

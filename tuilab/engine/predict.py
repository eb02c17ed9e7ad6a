"""What a trained model makes of inputs that it is given, in the words of its task."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from tuilab.engine.inputs import ROW, described, read
from tuilab.engine.trained import Trained
from tuilab.errors import TuilabError
from tuilab.zoo.tasks.autoencoder import Autoencoder, side_by_side
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.regression import Regression
from tuilab.zoo.tasks.reinforcement import Reinforcement
from tuilab.zoo.tasks.seq2seq import Seq2Seq, until_end
from tuilab.zoo.tasks.surface import Surface

_LONGEST = 16_384
"""Tokens that a text may be continued by; more is a loop that nobody waits for."""

_SHOWN = 3
"""Classes told in a line for a person; a program gets all of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How a language model continues a text."""

    length: int = 160
    """Tokens that are added."""
    temperature: float = 0.8
    """0 takes the likeliest each time."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.length <= _LONGEST:
            raise TuilabError(f"length: {self.length} is out of range; expected 1 to {_LONGEST}.")
        if not 0 <= self.temperature <= 100:
            raise TuilabError(f"temperature: {self.temperature} is out of range; expected 0 to 100.")
        if not 0 <= self.seed < 1 << 31:
            raise TuilabError(f"seed: {self.seed} is out of range; expected 0 or more.")


def predict(trained: Trained, inputs: Sequence[Any], options: Options | None = None) -> list[dict[str, Any]]:
    """Return one answer an input, as plain values; "shown" is the same as a line for a person.

    Args:
        trained: the model.
        inputs: plain values, as `inputs.read` takes them, or rows of a split like "test:17".
        options: for language models.

    Raises:
        TuilabError: an input is not what the task takes; says which one.
    """
    task = trained.built.data.task
    if isinstance(task, LanguageModel):
        return [_continued(trained, task, value, options or Options()) for value in inputs]
    refuse_mute(trained)
    rows = [_prepared(trained, value, number) for number, value in enumerate(inputs)]
    if isinstance(task, MaskedModel):  # texts of different lengths
        return [_filled(trained, task, value, x[None]) for value, x in zip(inputs, rows, strict=True)]
    answers: list[dict[str, Any]] = []
    for part in (
        torch.stack(rows).to(trained.built.device).split(trained.built.eval_batch_size) if rows else ()
    ):
        answers += _answers(trained, task, part)
    for value, answer in zip(inputs, answers, strict=True):
        _add_truth(trained, task, value, answer)
    return answers


def refuse_mute(trained: Trained) -> None:
    """Refuse a model that answers nothing.

    Raises:
        TuilabError: it is a point on a surface.
    """
    if isinstance(trained.built.data.task, Surface):
        raise TuilabError(
            "a model for the task surface has nothing to predict: it is a point. "
            f"`tuilab show {trained.run.id}` draws the way that it went."
        )


def _add_truth(trained: Trained, task: Any, value: Any, answer: dict[str, Any]) -> None:
    """Put beside the answer for a row of a split what is right there."""
    found = _row_words(value)
    # The original is shown beside its copy, and what the right action is nobody knows.
    if found is None or isinstance(task, Autoencoder | Reinforcement):
        return
    y = _row_of(trained, *found)[1].cpu()
    if isinstance(task, Classification):
        truth: Any = task.classes[int(y)]
    elif isinstance(task, Seq2Seq):
        truth = task.target_text(until_end(y.tolist()))
    else:
        values = (y.double().flatten() * task.target_scale + task.target_mean).tolist()
        truth = values[0] if len(values) == 1 else values
    shown = f"{truth:.5g}" if isinstance(truth, float) else truth
    answer |= {"truth": truth, "shown": f"{answer['shown']} (truth: {shown})"}


def _row_of(trained: Trained, name: str, row: int) -> tuple[Tensor, Tensor]:
    """Return the input and target of a split's row.

    Raises:
        TuilabError: there is no such row.
    """
    split = trained.built.data.split(name)
    if row >= split.rows:
        raise TuilabError(f"{name} has rows 0 to {split.rows - 1}; {row} is none of them.")
    x, y = split.take(split.order(None)[row : row + 1].to(trained.built.device))
    return x[0], y[0]


@torch.no_grad()
def _answers(trained: Trained, task: Any, x: Tensor) -> list[dict[str, Any]]:
    if isinstance(task, Seq2Seq):
        texts = [task.target_text(tokens) for tokens in task.translate(trained.model, x)]
        return [{"text": text, "shown": text} for text in texts]
    outputs = trained.model(x).float()
    if isinstance(task, Classification):
        return [_class(task, row) for row in outputs.softmax(dim=1).tolist()]
    if isinstance(task, Reinforcement):  # the last output is a guess of the return
        return [_action(task, row) for row in outputs[:, :-1].softmax(dim=1).tolist()]
    if isinstance(task, Autoencoder):
        pairs = zip(x.cpu(), outputs.cpu(), strict=True)
        return [_copy(original, copy.reshape(original.shape)) for original, copy in pairs]
    values = outputs.reshape(len(x), -1).double() * task.target_scale + task.target_mean
    return [_value(task, row) for row in values.tolist()]


def _class(task: Classification, probabilities: list[float]) -> dict[str, Any]:
    return _choice("class", task.classes, probabilities)


def _action(task: Reinforcement, probabilities: list[float]) -> dict[str, Any]:
    names = task.action_names or [f"action {number}" for number in range(task.actions)]
    return _choice("action", names, probabilities)


def _choice(kind: str, names: Sequence[str], probabilities: list[float]) -> dict[str, Any]:
    ranked = sorted(zip(names, probabilities, strict=True), key=lambda pair: -pair[1])
    shown = ", ".join(f"{name} {share:.1%}" for name, share in ranked[:_SHOWN])
    best, share = ranked[0]
    return {kind: best, "probability": share, "probabilities": dict(ranked), "shown": shown}


def _value(task: Regression, values: list[float]) -> dict[str, Any]:
    unit = f" {task.unit}" if task.unit else ""
    shown = ", ".join(f"{value:.5g}" for value in values)
    value: Any = values[0] if len(values) == 1 else values
    return {"value": value, "target": task.target, "unit": task.unit, "shown": f"{task.target} {shown}{unit}"}


def _copy(original: Tensor, copy: Tensor) -> dict[str, Any]:
    error = float((original - copy).square().mean())
    shown = f"mse {error:.4g}\n{side_by_side(original, copy)}"
    return {"mse": error, "reconstruction": copy.tolist(), "shown": shown}


@torch.no_grad()
def _filled(trained: Trained, task: MaskedModel, value: Any, x: Tensor) -> dict[str, Any]:
    """Put the likeliest character into every blank; a row of a split gets those it is tested with."""
    whole = x.to(trained.built.device)
    of_split = _row_words(value) is not None
    inputs = task.asked(whole) if of_split else whole
    guesses = trained.model(inputs).argmax(dim=2)
    text = task.decode(torch.where(inputs == task.blank, guesses, inputs)[0].tolist())
    if not of_split:
        return {"text": text, "shown": text}
    asked, truth = (task.decode(tokens[0].tolist()) for tokens in (inputs, whole))
    return {"text": text, "asked": asked, "truth": truth, "shown": f"{asked}\n{text}\n{truth} (truth)"}


def _continued(trained: Trained, task: LanguageModel, value: Any, options: Options) -> dict[str, Any]:
    """Go on with a text; of a row of a split, with its first half."""
    prompt, truth = value, ""
    if found := _row_words(value):
        tokens = _row_of(trained, *found)[0].tolist()
        half = max(len(tokens) // 2, 1)
        prompt, truth = task.decode(tokens[:half]), task.decode(tokens[half:])
    read(prompt, task)  # refuses what it has never seen
    asked = replace(task, sample_length=options.length, temperature=options.temperature)
    text = asked.continued(trained.model, prompt, trained.built.device, options.seed)
    answer = {"text": text, "prompt": prompt, "shown": text}
    return answer | ({"truth": truth, "shown": f"{text}\n(truth: {prompt}{truth})"} if truth else {})


def _row_words(value: Any) -> tuple[str, int] | None:
    """Return the split and the row that a value like "test:17" names, or None where it is another."""
    found = ROW.fullmatch(value) if isinstance(value, str) else None
    return (found[1], int(found[2])) if found else None


def _prepared(trained: Trained, value: Any, number: int) -> Tensor:
    """Return one input as the model takes it."""
    task = trained.built.data.task
    try:
        found = _row_words(value)
        if found is None:
            return trained.normalizer.apply(read(value, task))
        return _row_of(trained, *found)[0].cpu()
    except TuilabError as error:
        raise TuilabError(f"input {number + 1}: {error}") from error


def expects(trained: Trained) -> str:
    """Return what the model takes, as a phrase."""
    return described(trained.built.data.task)

"""What a model reads, and the refusal that names a model which reads this data set."""

from tuilab.errors import TuilabError
from tuilab.zoo.tasks.task import Task

_READS_TOKENS = {
    "classification": "textcnn",
    "language-model": "gpt",
    "masked-model": "transformer-encoder",
    "seq2seq": "seq2seq-transformer",
}
_READS_NUMBERS = {"autoencoder": "autoencoder", "surface": "point", "reinforcement": "policy"}


def need_tokens(model: str, task: Task, *tasks: str) -> None:
    """Refuse measurements, and tasks other than these.

    Raises:
        TuilabError: the message names a model that fits.
    """
    _need_task(model, task, tasks)
    if not task.tokens:
        raise TuilabError(
            f"model.name: {model} reads tokens, and this data set gives measurements. Choose {fitting(task)}."
        )


def need_numbers(model: str, task: Task, *tasks: str) -> None:
    """Refuse token numbers, and tasks other than these.

    Raises:
        TuilabError: the message names a model that fits.
    """
    _need_task(model, task, tasks)
    if task.tokens:
        raise TuilabError(
            f"model.name: {model} reads measurements, and this data set gives token numbers. "
            f"Choose {fitting(task)}."
        )


def need_images(model: str, task: Task, *tasks: str) -> tuple[int, int, int]:
    """Return channels, height and width of the images.

    Raises:
        TuilabError: the inputs are no images, or the task is another.
    """
    _need_task(model, task, tasks)
    if task.tokens or len(task.input_shape) != 3:
        raise TuilabError(
            f"model.name: {model} reads images (channels, height, width), and this data set gives "
            f"{'token numbers' if task.tokens else list(task.input_shape)}. "
            f"Choose {fitting(task)}, or other data."
        )
    channels, height, width = task.input_shape
    return channels, height, width


def need_even_heads(heads: int, width: int) -> None:
    """Refuse attention heads that do not divide the width.

    Raises:
        TuilabError: names both knobs.
    """
    if width % heads:
        raise TuilabError(
            f"model.heads: {heads} heads cannot share a width of {width} evenly; "
            f"choose model.width = {-(-width // heads) * heads} or other model.heads."
        )


def fitting(task: Task) -> str:
    """Return the name of a model that reads what this task gives."""
    return (_READS_TOKENS if task.tokens else _READS_NUMBERS).get(task.name, "mlp")


def _need_task(model: str, task: Task, tasks: tuple[str, ...]) -> None:
    if task.name not in tasks:
        raise TuilabError(
            f"model.name: {model} is for {' and '.join(tasks)}, and this data set poses a "
            f"{task.name} task. Choose {fitting(task)}."
        )

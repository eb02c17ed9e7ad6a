"""Another task on the same data: pictures to be given back, texts with blanks to be filled.

What a data set was made for is the task that it comes with. Self-supervised
tasks need nothing but its inputs, so any data of the right kind will do.
"""

from dataclasses import replace

from tuilab.errors import TuilabError
from tuilab.zoo.data import Data
from tuilab.zoo.tasks.autoencoder import Autoencoder
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.masked_model import MaskedModel

_EXAMPLES = 4
"""Of the eval split: what samples are made from, the same ones in every run of a seed."""


def posed(data: Data, task: str) -> Data:
    """Return the data with a task in place of their own.

    Args:
        data: as a model gets them: normalised.
        task: "auto" leaves them as they are; "autoencoder" or "masked-model".

    Raises:
        TuilabError: the inputs are not of the kind that the task is about.
    """
    if task == "auto":
        return data
    return replace(data, task=_autoencoder(data) if task == Autoencoder.name else _masked_model(data))


def _autoencoder(data: Data) -> Autoencoder:
    own = data.task
    if own.tokens or own.name not in Autoencoder.poses_on:
        raise TuilabError(
            "data.task: an autoencoder gives back measurements, and these data are "
            f"{'token numbers' if own.tokens else f'a {own.name} task'}. "
            'Leave data.task at "auto", or choose pictures or a table.'
        )
    examples, _ = data.eval.take(data.eval.order(None)[:_EXAMPLES])
    size = examples[0].numel()
    return Autoencoder(
        input_shape=own.input_shape, outputs=size, features=own.features, examples=examples.cpu()
    )


def _masked_model(data: Data) -> MaskedModel:
    own = data.task
    if not isinstance(own, LanguageModel):
        raise TuilabError(
            f"data.task: a masked model fills blanks in running text, and these data are a {own.name} task. "
            'Leave data.task at "auto", or choose a text.'
        )
    windows, _ = data.eval.take(data.eval.order(None)[:_EXAMPLES])
    return MaskedModel(
        input_shape=own.input_shape,
        outputs=own.outputs,
        tokens=own.outputs + 1,
        vocabulary=own.vocabulary,
        # Without the texts of its tokens (GPT-2's, not fetched) there is nothing to show.
        examples=tuple(tuple(window) for window in windows.tolist()) if own.vocabulary else (),
    )

"""Tiny Shakespeare: the megabyte that small language models are measured on."""

from typing import Annotated

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.text_stream import by_characters

_SIZE = 1_115_394
_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
_FILE = File("input.txt", _SIZE, _SHA256)

_TRAINED = 0.9
"""Share of the text that everybody trains on; nanoGPT's figures are losses on the rest."""

MATERIAL = Material(
    "tiny-shakespeare",
    files=(_FILE,),
    downloads=(Download("input.txt", _SIZE, _SHA256, {_FILE.name: (_FILE.name,)}),),
    mirrors=(
        "https://raw.githubusercontent.com/karpathy/char-rnn/"
        "6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/{f}",
    ),
)


@datasets.register(
    "tiny-shakespeare",
    source="https://karpathy.github.io/2015/05/21/rnn-effectiveness/",
    task="language-model",
    licence="public domain",
    rows=_SIZE,
    unit="characters",
    shape=[64],
    classes=[],
    **MATERIAL.facts,
)
def tiny_shakespeare(
    request: Request,
    *,
    context: Annotated[int, Knob("characters the model sees at once", 4, 4096)] = 64,
) -> Data:
    """A megabyte of Shakespeare's plays as a stream of characters, 65 symbols.

    Karpathy 2015. As in nanoGPT the first nine tenths are trained on; of the
    rest the first half is eval and the second half test, so that nothing is
    chosen by what the test is on. `data.split` does not move that border.
    """
    text = (obtain(MATERIAL, request) / _FILE.name).read_text(encoding="utf-8")
    border = round(len(text) * _TRAINED)
    middle = (border + len(text)) // 2
    parts = (text[:border], text[border:middle], text[middle:])
    return by_characters(parts, context, ("\n", "ROMEO:\n", "To be"))

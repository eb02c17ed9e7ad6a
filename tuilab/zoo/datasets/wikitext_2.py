"""WikiText-2: two megawords of good Wikipedia articles."""

from typing import Annotated, Literal

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.text_stream import by_bytes, by_characters

_FILES = ("wiki.train.raw", "wiki.valid.raw", "wiki.test.raw")

MATERIAL = Material(
    "wikitext-2",
    files=tuple(File(name) for name in _FILES),
    downloads=(
        Download(
            "wikitext-2-raw-v1.zip",
            4_721_645,
            "ef7edb566e3e2b2d31b29c1fdb0c89a4cc683597484c3dc2517919c615435a11",
            {name: (f"wikitext-2-raw/{name}",) for name in _FILES},
        ),
    ),
    mirrors=(
        "https://wikitext.smerity.com/{f}",
        "https://huggingface.co/datasets/ggml-org/ci/resolve/927b3642933080f1b0e811e2f916e14c292992f9/{f}",
    ),
)


@datasets.register(
    "wikitext-2",
    source="https://arxiv.org/abs/1609.07843",
    task="language-model",
    licence="CC BY-SA 3.0 and GFDL",
    rows=13_000_000,
    unit="characters",
    shape=[256],
    classes=[],
    **MATERIAL.facts,
)
def wikitext_2(
    request: Request,
    *,
    context: Annotated[int, Knob("tokens the model sees at once", 4, 4096)] = 256,
    unit: Annotated[Literal["characters", "bytes"], Knob("what a token is")] = "characters",
) -> Data:
    """Good articles of the English Wikipedia, unprocessed: about 13 million characters.

    Merity et al. 2016, the raw version. Its train, valid and test parts are
    the official ones, whole articles each. Characters are those of the
    training part, about a thousand with all the alphabets that occur in it;
    as bytes there are 256, and bits per character are still per character.
    """
    folder = obtain(MATERIAL, request)
    train, held, test = ((folder / name).read_text(encoding="utf-8") for name in _FILES)
    stream = by_characters if unit == "characters" else by_bytes
    return stream((train, held, test), context, ("The ", " = History = \n", "In 1945 , "))

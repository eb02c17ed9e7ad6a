"""English text that every Python carries: the reference behind `help("topics")`."""

import hashlib
import importlib
from typing import Annotated

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.text_stream import Unit, as_stream, stretches

_PROMPTS = ("The ", "If the ", "class ")


@datasets.register(
    "python-docs",
    source="https://docs.python.org/3/reference/",
    task="language-model",
    licence="PSF",
    rows=370_000,
    unit="characters",
    shape=[64],
    classes=[],
    bytes=0,
    at_hand=True,
    where="stdlib",
)
def python_docs(
    request: Request,
    *,
    context: Annotated[int, Knob("characters the model sees at once", 4, 4096)] = 64,
    unit: Unit = "characters",
) -> Data:
    """The Python language reference as a stream of characters, about 370,000 of them.

    It comes with Python, so its wording differs a little between versions;
    the notes give its hash. The topics repeat a fifth of each other's text:
    a paragraph is kept where it stands first, or the test part would hold
    what was trained on. Train, eval and test are stretches of the text, in order.
    """
    whole = _topics()
    text = _without_repeats(whole)
    notes = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "characters": f"{len(text):,}",
        "repeats left out": f"{len(whole) - len(text):,} characters",
    }
    return as_stream(unit, stretches(text, request.split), context, _PROMPTS, notes)


def _topics() -> str:
    """Return all topics, in the order of their names."""
    try:
        topics: dict[str, str] = importlib.import_module("pydoc_data.topics").topics
    except ImportError as error:
        raise TuilabError(
            "data.name: this Python came without pydoc_data.topics, the text of python-docs. "
            "Install Python's full standard library (on Debian: apt install libpython3-stdlib)."
        ) from error
    return "\n\n".join(topics[name] for name in sorted(topics))


def _without_repeats(text: str) -> str:
    """Return the text without the paragraphs that it has said before, however they were indented."""
    kept: dict[str, str] = {}
    for paragraph in text.split("\n\n"):
        kept.setdefault(" ".join(paragraph.split()), paragraph)
    return "\n\n".join(kept.values())

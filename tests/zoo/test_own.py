"""Users' own files: what is wrong with one is told with its place, and what may be done about it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import own_file
from tests.own_file import IMPORTS
from tuilab.errors import TuilabError
from tuilab.zoo import own

LINE = IMPORTS.count("\n") + 1
"""Where what comes after the imports begins."""

Load = Callable[[str], None]


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """A function that loads a file with this text; afterwards nothing of it is left."""
    with own_file.forgotten():
        yield lambda text: own_file.load(tmp_path, text)


def model(decorator: str = "@models.register('mine', source='x')", knob: str = "") -> str:
    return (
        f"{IMPORTS}{decorator}\n"
        "class Mine(torch.nn.Linear):\n"
        "    '''Mine.'''\n"
        f"    def __init__(self, task, *, {knob or 'width: Annotated[int, Knob(str(), 1, 9)] = 2'}):\n"
        "        super().__init__(2, task.outputs)\n"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = (\n", "line 1): x = ("),
        (
            "import not_there_at_all\n",
            "No module named 'not_there_at_all' (mine.py, line 1). It must be installed",
        ),
        ("1\nx = 1 / 0\n", "ZeroDivisionError: division by zero (mine.py, line 2)"),
        (
            "def f():\n    return g\nf()\n",
            "name 'g' is not defined (mine.py, line 2, in f). Is its import missing",
        ),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3 (mine.py, line 2)"),
        ("", "nothing is registered in it. Each model, data set, optimizer ... needs @models.register("),
        (model(""), "nothing is registered in it"),
        (
            model("@models.register"),
            f'@models.register("my-model", source="where it is from"). (mine.py, line {LINE})',
        ),
        (
            model("@models.register('mine')"),
            "register takes a name of letters, digits and dashes, and a source",
        ),
        (model("@models.register('my model', source='x')"), "register takes a name of letters"),
        (model("@losses.register(7, source='x')"), '@losses.register("my-loss", source='),
        (model("@models.register('mlp', source='x')"), "there is a model 'mlp' in tuilab itself already."),
        (
            model() + model(),
            "there is a model 'mine' of mine.py already. Choose another name. (mine.py, line 14)",
        ),
        (
            model(knob="width=2"),
            "Mine(width): a knob needs a type and a Knob, as in width: Annotated[int, Knob(",
        ),
        (model(knob="width: Annotated[int, Knob('x')]"), "Mine(width): a knob needs a Knob and a default"),
        (
            model(knob="width: Annotated[int, Knob('x', 1, 9)] = 10"),
            "'width' with a default that does not fit: 10 is out of range; "
            f"expected a whole number from 1 to 9. (mine.py, line {LINE})",
        ),
        (model(knob="width: Annotated[int, Knob('x', 9, 1)] = 3"), "'width' whose range is upside down"),
        (model(knob="init: Annotated[int, Knob('x', 1, 9)] = 3"), "'init', which [model] has for itself"),
        (model("@models.register('mine', source='x', tasks='regression')"), "with a list of tasks"),
        (model("@models.register('mine', source='x', task='regression')"), "with a list of tasks"),
        (
            model().replace("self, task, *", "self, *"),
            "must take one argument before its knobs: (task, *, knobs ...).",
        ),
        (
            f"{IMPORTS}@datasets.register('mine', source='x', task='regression')\ndef mine():\n    'Mine.'\n",
            "the dataset 'mine' must take one argument before its knobs: (request, *, knobs ...).",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_a_remedy(text: str, words: str, load: Load) -> None:
    with pytest.raises(TuilabError) as told:
        load(text)
    assert words in str(told.value)


def test_what_stands_beside_a_file_can_be_imported_and_covers_nothing(tmp_path: Path, load: Load) -> None:
    (tmp_path / "neighbour_of_mine.py").write_text("WIDTH = 7\n")
    (tmp_path / "random.py").write_text("raise SystemExit('not this one')\n")
    load(model().replace(IMPORTS, f"{IMPORTS}import random\nfrom neighbour_of_mine import WIDTH\n"))
    assert "mine" in own.REGISTRIES["models"]


def test_a_file_may_lie_anywhere_and_say_anything(tmp_path: Path, load: Load) -> None:
    place = tmp_path / "Übung ✓"
    place.mkdir()
    (place / "größe.py").write_text(model().replace("Mine.", "Größe: ✓."), encoding="utf-8")
    own.load(place / "größe.py")
    assert own.REGISTRIES["models"]["mine"].card.about == "Größe: ✓."

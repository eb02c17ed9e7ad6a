"""Users' own components take one step before there is a run: a mistake is told at its key, with its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import own_file
from tests.own_file import IMPORTS
from tuilab import presets, zoo
from tuilab.engine import questions
from tuilab.engine.rehearsal import check_data
from tuilab.errors import SpecError, TuilabError
from tuilab.resolve import assigned, resolve
from tuilab.spec import dumps
from tuilab.zoo.data import Request

MODEL = f"""{IMPORTS}
@models.register("mine", source="x", tasks=["classification"])
class Mine(torch.nn.Module):
    '''Mine.'''
    def __init__(self, task):
        super().__init__()
        self.layer = torch.nn.Linear(2, task.outputs)
    def forward(self, x):
        return self.layer(x)
"""

DATA = f"""{IMPORTS}
from tuilab.zoo.data import Data, cut
from tuilab.zoo.tasks.classification import Classification
@datasets.register("mine", source="x", task="classification")
def mine(request):
    '''Mine.'''
    x = torch.randn(200, 2)
    y = (x[:, 0] > 0).long()
    task = Classification(input_shape=(2,), outputs=2, classes=("a", "b"))
    return Data(task, *cut(x, y, request))
"""

OPTIMIZER = f"""{IMPORTS}
@optimizers.register("mine", source="x")
class Mine(torch.optim.Optimizer):
    '''Mine.'''
    def __init__(self, parameters, *, lr: Annotated[float, Knob("rate", 0, 1)] = 0.1):
        super().__init__(parameters, {{"lr": lr}})
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for weight in group["params"]:
                weight.sub_(weight.grad, alpha=group["lr"])
"""

LOSS = f"""{IMPORTS}
@losses.register("mine", source="x", tasks=["classification"])
def mine(task):
    '''Mine.'''
    def loss(outputs, targets):
        mean = torch.nn.functional.cross_entropy(outputs, targets)
        return mean
    return loss
"""


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    """Leave nothing behind."""
    with own_file.forgotten():
        yield


def check(folder: Path, text: str, key: str) -> list[tuple[str, str]]:
    """Return what is found wrong, by key, with the file's component put at a key."""
    own_file.load(folder, text)
    wanted = {key: "mine", "train.steps": "4"}
    spec = resolve(assigned(presets.load("moons-mlp"), wanted, zoo.describe()), zoo.describe())
    try:
        questions.check(dumps(spec), folder)
    except SpecError as error:
        return [(problem.key, problem.message) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("key", "text"),
    [("model.name", MODEL), ("data.name", DATA), ("optimizer.name", OPTIMIZER), ("loss.name", LOSS)],
)
def test_what_works_is_let_through(key: str, text: str, tmp_path: Path) -> None:
    assert check(tmp_path, text, key) == []


CASES = [
    (
        "model.name",
        MODEL,
        "super().__init__()",
        "pass",
        "cannot assign module before Module.__init__() call (mine.py",
    ),
    ("model.name", MODEL, "Linear(2, task", "Linear(3, task", "does not take what 'moons' gives"),
    (
        "model.name",
        MODEL,
        "return self.layer(x)",
        "return self.layers(x)",
        "no attribute 'layers' (mine.py, line 13",
    ),
    (
        "model.name",
        MODEL,
        "return self.layer(x)",
        "self.layer(x)",
        "one tensor of scores; a NoneType is none",
    ),
    (
        "model.name",
        MODEL,
        "return self.layer(x)",
        "return self.layer(x), x",
        "one tensor of scores; a tuple is none",
    ),
    ("model.name", MODEL, "task.outputs", "7", "returns shape (2, 7) for 2 samples; (2, 2) is wanted"),
    (
        "model.name",
        MODEL,
        "self.layer(x)",
        "self.layer(x).detach()",
        "without a gradient: leave out .detach()",
    ),
    ("model.name", MODEL, "self.layer =", "self.parts = []; layer =", "has no weights to train"),
    ("model.name", MODEL, "(torch.nn.Module)", "", "must inherit from torch.nn.Module"),
    (
        "data.name",
        DATA,
        "    return Data",
        "    Data",
        "must return a Data(task, train, eval, test), not a NoneType",
    ),
    ("data.name", DATA, "cut(x, y", "cut(x, y[:-3]", "there are 200 rows of x and 197 of y"),
    (
        "data.name",
        DATA,
        "    y = ",
        "    open('/not/there')\n    y = ",
        "'/not/there' (mine.py, line 12, in mine)",
    ),
    ("data.name", DATA, ".long()", ".float()", "y.long() gives that"),
    (
        "data.name",
        DATA,
        ".long()",
        ".long() + 1",
        "has classes 1 to 2 in train; with 2 outputs they are numbered 0 to 1",
    ),
    ("data.name", DATA, "(2,)", "(3,)", "has samples of shape (2,); its task says (3,)"),
    ("data.name", DATA, '("a", "b")', '("a",)', "has 2 outputs and names 1 class."),
    ("data.name", DATA, "randn(200, 2)", "ones(200, 2).long()", "x.float() gives that"),
    ("data.name", DATA, "    y = ", "    x[:] = float('nan')\n    y = ", "not finite numbers"),
    ("data.name", DATA, 'task="classification"', 'task="regression"', "and poses a classification task"),
    ("optimizer.name", OPTIMIZER, '{"lr": lr}', "{}", "has no learning rate in its groups"),
    ("optimizer.name", OPTIMIZER, "def step", "def walk", "It needs a method step(self, closure=None)"),
    ("optimizer.name", OPTIMIZER, "@torch.no_grad()", "", "Put @torch.no_grad() above step"),
    (
        "optimizer.name",
        OPTIMIZER,
        "weight.sub_",
        "weight.sob_",
        "no attribute 'sob_' (mine.py, line 15, in step)",
    ),
    ("loss.name", LOSS, "return mean", "return mean.item()", "must return a tensor, not a float"),
    ("loss.name", LOSS, "return mean", "return mean.detach()", "without a gradient"),
    (
        "loss.name",
        LOSS,
        "return mean",
        "return mean.expand(2)",
        "one number, the mean over the batch, not shape (2,)",
    ),
    ("loss.name", LOSS, "return mean", "return outputs - targets.mean()", "(mine.py, line 11, in loss)"),
]


@pytest.mark.parametrize(("key", "text", "right", "wrong", "words"), CASES, ids=[case[-1] for case in CASES])
def test_a_mistake_is_found_before_there_is_a_run(
    key: str, text: str, right: str, wrong: str, words: str, tmp_path: Path
) -> None:
    assert right in text
    problems = check(tmp_path, text.replace(right, wrong), key)
    assert [at for at, _ in problems] == [key]
    assert words in problems[0][1]


def test_rows_that_are_no_tensor_are_told(tmp_path: Path) -> None:
    own_file.load(tmp_path, DATA)
    data = zoo.REGISTRIES["datasets"]["mine"].build(Request())
    object.__setattr__(data.train, "x", data.train.x.numpy())  # under pytest nothing else lets it in
    with pytest.raises(TuilabError, match=r"'mine' has x of train as a ndarray.* torch.from_numpy makes one"):
        check_data(data, "mine")


@pytest.mark.parametrize("name", ["digits", "moons", "diabetes", "copy", "wine", "reverse"])
def test_what_comes_with_tuilab_would_pass(name: str, tmp_path: Path) -> None:
    check_data(zoo.REGISTRIES["datasets"][name].build(Request(cache=tmp_path)), name)

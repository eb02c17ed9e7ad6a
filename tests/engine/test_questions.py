"""What a worker in standby answers before anything starts."""

import json
import os
import subprocess
import time
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
import torch

from tests.engine.kit import MakeRun
from tests.relation import origin_preset
from tuilab import presets, zoo
from tuilab.catalog import Catalog
from tuilab.engine import questions
from tuilab.engine.preview import preview_of
from tuilab.errors import SpecError
from tuilab.resolve import assigned, resolve
from tuilab.spec import dumps
from tuilab.supervise import Standby
from tuilab.zoo.sources.texts import classified


def text_of(preset: str, **settings: str) -> str:
    catalog = zoo.describe()
    return dumps(resolve(assigned(presets.load(preset), settings, catalog), catalog))


@pytest.mark.parametrize("preset", presets.names())
def test_a_check_tells_what_a_preset_comes_to(preset: str, home: Path, make_run: MakeRun) -> None:
    if origin_preset(presets.load(preset)):
        make_run(preset)  # and the run that it starts from
    answer = questions.check(text_of(preset), home)
    json.dumps(answer)
    assert answer["steps"] > 0
    assert sum(layer["parameters"] for layer in answer["layers"]) <= answer["parameters"]
    assert min(answer["rows"].values()) > 0


def test_classes_in_wide_letters_keep_the_texts_behind_them_in_a_column() -> None:
    rows = (["a", "b", "c"], torch.tensor([0, 1, 2]))
    data = classified((rows, rows, rows), ("猫の", "é", "dog"), unit="characters", vocabulary=9, length=4)
    shown = preview_of(data)["samples"].splitlines()
    assert sorted(shown) == sorted(["猫の  a", "é     b", "dog   c"])


@pytest.mark.parametrize("preset", presets.names())
def test_a_preview_is_plain_json(preset: str, home: Path) -> None:
    answer = questions.preview(text_of(preset), home)
    json.dumps(answer)
    assert answer["kind"] in ("images", "table", "points", "text", "surface")
    assert answer["samples"]


def test_a_check_counts_the_parameters_of_each_layer(tmp_path: Path) -> None:
    answer = questions.check(text_of("digits-mlp", **{"model.width": "[16]"}), tmp_path)
    shapes = [(layer["kind"], layer["shape"], layer["parameters"]) for layer in answer["layers"]]
    assert ("Linear", [16], 64 * 16 + 16) in shapes
    assert ("Linear", [10], 16 * 10 + 10) in shapes
    assert answer["parameters"] == 64 * 16 + 16 + 16 * 10 + 10


@pytest.mark.parametrize(
    ("preset", "settings", "key"),
    [
        ("docs-gpt", {"model.heads": "5"}, "model.heads"),
        ("moons-mlp", {"model.name": "lenet"}, "model.name"),
        ("docs-gpt", {"data.normalize": "standard"}, "data.normalize"),
        ("digits-mlp", {"train.device": "cuda:7"}, "train.device"),
        ("digits-mlp", {"model.width": "[65536, 65536, 65536, 65536]"}, "model.name"),
    ],
)
def test_what_does_not_fit_is_told_at_the_key_that_mends_it(
    preset: str, settings: dict[str, str], key: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError) as caught:
        questions.check(text_of(preset, **settings), tmp_path)
    assert [problem.key for problem in caught.value.problems] == [key]


class Asked:
    """A standby that is asked one thing after another."""

    def __init__(self, home: Path) -> None:
        self.standby = Standby(home)

    def __call__(self, question: str, **values: Any) -> dict[str, Any]:
        replies: Queue[dict[str, Any]] = Queue()
        self.standby.ask(question, replies.put, **values)
        return replies.get(timeout=60)


def test_a_standby_answers_and_then_becomes_the_worker(make_run: MakeRun, home: Path) -> None:
    asked = Asked(home)
    assert Catalog.from_json(asked("describe")["answer"]) == zoo.describe()
    assert asked("check", spec=text_of("digits-mlp"))["answer"]["parameters"] > 0
    wrong = asked("check", spec=text_of("docs-gpt", **{"model.heads": "7"}))
    assert wrong["problems"][0][0] == "model.heads"
    assert "cannot be asked" in asked("dance")["error"]

    run = make_run("moons-mlp", **{"train.steps": "40"})
    pid = asked("run", path=str(run.path))["answer"]["pid"]
    assert os.getsid(pid) == pid
    asked.standby.close()  # the screen goes; the worker stays
    deadline = time.monotonic() + 60
    while run.status.state in ("queued", "starting", "running") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert run.status.state == "finished"
    assert run.steps.refresh() == 40


def test_a_standby_whose_screen_goes_away_exits(home: Path) -> None:
    asked = Asked(home)
    asked("describe")
    process = asked.standby._process
    asked.standby.close()
    assert process.wait(timeout=30) == 0


def test_a_broken_file_of_the_users_is_the_answer_to_every_question(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("import nothing_like_this\n")
    asked = Asked.__new__(Asked)
    asked.standby = Standby(home, [own])
    assert "nothing_like_this" in asked("describe")["error"]
    asked.standby.close()
    asked.standby._process.wait(timeout=30)


def test_a_worker_that_is_killed_leaves_a_run_that_reads_and_resumes(make_run: MakeRun, home: Path) -> None:
    from tuilab import supervise

    whole, killed = (make_run("digits-mlp", **{"train.epochs": "40"}) for _ in range(2))
    workers: list[subprocess.Popen[bytes]] = [supervise.start(run, home) for run in (whole, killed)]
    deadline = time.monotonic() + 60
    while killed.steps.refresh() < 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    workers[1].kill()
    workers[1].wait()
    assert killed.status.state == "crashed"
    seen = killed.steps["loss"].copy()
    assert len(seen) >= 200
    assert supervise.start(killed, home).wait(timeout=90) == 0
    assert workers[0].wait(timeout=90) == 0
    whole.steps.refresh()
    killed.steps.refresh()
    assert killed.steps["loss"].tobytes() == whole.steps["loss"].tobytes()
    assert killed.steps["loss"][: len(seen)].tobytes() == seen.tobytes()


def test_data_that_are_not_at_hand_are_not_fetched_by_a_check(tmp_path: Path) -> None:
    answer = questions.check(text_of("digits-mlp", **{"data.name": "mnist-5k"}), tmp_path)
    assert set(answer) == {"note", "fetch_bytes"}
    assert answer["fetch_bytes"] > 1_000_000
    assert "a run fetches it first" in answer["note"]
    with pytest.raises(SpecError, match="a run fetches it first"):
        questions.preview(text_of("digits-mlp", **{"data.name": "mnist-5k"}), tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "from tuilab.zoo.registries import optimizers\n"
            "@optimizers.register('mine', source='x')\ndef mine(parameters):\n    '''Mine.'''\n",
            "'mine' needs a knob lr",
        ),
        (
            "from tuilab.zoo.registries import datasets\n"
            "@datasets.register('mine', source='x', task='klassification')\n"
            "def mine(request):\n    '''Mine.'''\n",
            "must be registered with task= one of autoencoder, classification",
        ),
        (
            "from tuilab.zoo.registries import models\n"
            "@models.register('mine', source='x', tasks=['clasification'])\n"
            "def mine(task):\n    '''Mine.'''\n",
            "'mine' is for a task 'clasification'. Did you mean 'classification'?",
        ),
        (
            "from typing import Annotated\n"
            "from tuilab.knobs import Knob\n"
            "from tuilab.zoo.registries import models\n"
            "@models.register('mine', source='x', tasks=['classification'])\n"
            "def mine(task, width: Annotated[int, Knob('units', 1, 9)] = 2):\n    '''Mine.'''\n",
            "mine(width): knobs stand behind a bare *, as in (task, *, width)",
        ),
        ("raise SystemExit(4)\n", "SystemExit: 4"),
    ],
)
def test_a_component_that_lacks_what_its_kind_must_have_is_refused(
    text: str, words: str, tmp_path: Path, home: Path
) -> None:
    own = tmp_path / "own.py"
    own.write_text(text)
    asked = Asked.__new__(Asked)
    asked.standby = Standby(home, [own])
    assert words in asked("describe")["error"]
    asked.standby.close()
    asked.standby._process.wait(timeout=30)

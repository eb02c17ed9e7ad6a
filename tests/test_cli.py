"""The command line in front of run directories: what it prints, and with which exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tuilab.cli import main
from tuilab.runs import Run

WriteRun = Callable[..., Run]
Out = pytest.CaptureFixture[str]


def test_without_a_terminal_it_says_how_to_do_without_one(home: Path, capsys: Out) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "`tuilab run digits-mlp`" in err


def test_a_terminal_that_cannot_show_the_lab_is_told_how_to_go_on(home: Path) -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "dumb"}
    said = subprocess.run(
        [sys.executable, "-m", "tuilab"],
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False, env=environment,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert said.returncode == 2
    assert "this is not a terminal that can show the lab" in said.stderr
    assert "`tuilab run digits-mlp` trains a preset and prints lines" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["runn"], "There is no command called 'runn'. Did you mean 'run'?"),
        (["run"], "The following arguments are required: SPEC."),
        (["run", "digit-mlp"], "There is no preset called 'digit-mlp'. Did you mean 'digits-mlp'?"),
        (["run", "nowhere.toml"], "There is no file 'nowhere.toml'."),
        (["run", "x" * 300], "File name too long"),
        (["run", "own.toml", "--set", "lr"], "'lr' is not key=value, like optimizer.lr=3e-3."),
        (["run", "own.toml", "--set"], "expected one argument"),
        (["run", "own.toml", "--name", "a/b"], "A run cannot be called 'a/b'"),
        (["run", "own.toml", "--zoo", "nowhere.py"], "--zoo nowhere.py: there is no such Python file."),
        (["run", "broken.toml"], "broken.toml is not valid TOML: "),
        (["list", "modles"], "There is no list called 'modles'. Did you mean 'models'?"),
        (["show", "nothing"], "There are no runs under"),
        (["attach"], "no run is live. `tuilab attach last` opens the newest one."),
        (["get", "last", "loss", "--window", "0"], "'0' is not a whole number, 1 or more"),
        (["get", "last", "loss", "--window", "5"], "give that, too: --around STEP"),
        (["get", "last", "loss", "--around", "x"], "'x' is not a whole number."),
        (
            ["run", "digits-mlp", "--set", "lr=1"],
            "lr: a key begins with its table. Did you mean optimizer.lr?",
        ),
        (["--nonsense"], "Unrecognized arguments: --nonsense"),
        (["run", "digits-mlp", "train.steps=5"], "A setting is changed by `--set train.steps=5`."),
        (["run", "digits-mlp", "--train.steps=5"], "A setting is changed by `--set train.steps=5`."),
        (["resume", "last", "train.steps=5"], "`tuilab fork RUN --set train.steps=5` goes on from a run"),
        (["eval", "last", "split=test"], "`tuilab eval --help` shows what there is."),
    ],
)
def test_a_wrong_request_gets_one_message_and_exit_code_2(
    home: Path, capsys: Out, arguments: list[str], words: str
) -> None:
    (home / "broken.toml").write_text("[data\n")
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("tuilab: ")
    assert "Traceback" not in err
    assert list(home.glob("runs/*")) == []


def test_all_that_is_wrong_with_a_spec_is_said_before_anything_starts(home: Path, capsys: Out) -> None:
    path = home / "own.toml"
    path.write_text('[data]\nname = "digits"\n[model]\nname = "mlp"\nwdith = 3\n[train]\nepochs = "many"\n')
    assert main(["run", str(path), "--set", "optimizer.lr=-1", "--set", "modle.width=3"]) == 2
    err = capsys.readouterr().err
    assert "has 4 problems:" in err
    for words in (
        "optimizer.lr: -1 is out of range; expected a number from 0 to 100.",
        "modle.width: There is no table called 'modle'. Did you mean 'model'?",
        "model.wdith: there is no such key. Did you mean 'width'?",
        "train.epochs: 'many' is not a number from 0 to 1,000,000.",
    ):
        assert words in err
    assert list(home.glob("runs/*")) == []


def test_a_home_that_cannot_be_written_is_named_first(home: Path, capsys: Out) -> None:
    (home / "file").write_text("")
    assert main(["--home", str(home / "file"), "run", "digits-mlp"]) == 2
    err = capsys.readouterr().err
    assert "cannot be written" in err
    assert "--home DIR or TUILAB_HOME" in err


def test_the_home_may_stand_before_or_after_the_command(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home / "other")
    for arguments in (
        ["--home", str(home / "other"), "list", "runs"],
        ["list", "runs", "--home", str(home / "other")],
    ):
        assert main(arguments) == 0
        assert run.id[16:] in capsys.readouterr().out


def test_runs_are_listed_newest_first_with_their_loss(home: Path, write_run: WriteRun, capsys: Out) -> None:
    write_run(home, name="older", steps=40, state="running", alive=True)
    write_run(home, name="newer")
    assert main(["list", "runs"]) == 0
    out, err = capsys.readouterr()
    head, first, second = out.splitlines()
    assert head.split() == ["state", "run", "done", "loss", "best", "age"]
    assert first.startswith("✓ finished  newer-")
    assert second.startswith("▶ running   older-")
    assert "━━━━━━" in first
    assert "100 %" in first
    assert "40 %" in second
    assert "█" in first
    assert "eval.accuracy 0.9000" in first
    assert "2 runs, 1 live" in err


def test_a_home_without_runs_says_how_to_make_one(home: Path, capsys: Out) -> None:
    assert main(["list", "runs"]) == 0
    out, err = capsys.readouterr()
    assert (out, "`tuilab run digits-mlp` makes one" in err) == ("", True)
    assert main(["list", "runs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_lists_are_json_for_programs(home: Path, write_run: WriteRun, capsys: Out) -> None:
    run = write_run(home)
    assert main(["list", "runs", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["run"], found["state"], found["metrics"]["test.accuracy"]) == (run.id, "finished", 0.97)
    assert main(["list", "models", "--json"]) == 0
    models = json.loads(capsys.readouterr().out)
    assert [model["name"] for model in models] == ["mlp", "lenet"]
    assert main(["list", "presets", "--json"]) == 0
    presets = json.loads(capsys.readouterr().out)
    assert presets[0]["name"] == "digits-mlp"
    assert main(["list", "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {
        "presets", "datasets", "models", "losses", "optimizers", "schedules",
    }  # fmt: skip


def test_things_to_choose_are_listed_with_what_they_are(home: Path, capsys: Out) -> None:
    assert main(["list", "optimizers"]) == 0
    assert (
        capsys.readouterr().out == "  adamw  Adam with decoupled weight decay.\n  sgd    Down the gradient.\n"
    )
    assert main(["list"]) == 0
    assert "models      mlp, lenet\n" in capsys.readouterr().out


def test_a_finished_run_is_not_resumed_and_a_live_one_neither(
    home: Path, write_run: WriteRun, capsys: Out
) -> None:
    write_run(home, name="done"), write_run(home, name="busy", state="running", alive=True)
    assert main(["resume", "done"]) == 2
    assert "is finished; there is nothing left to train." in capsys.readouterr().err
    assert main(["resume", "busy"]) == 2
    assert "`tuilab attach" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(home: Path, write_run: WriteRun) -> None:
    write_run(home, steps=60_000, total=60_000)
    command = f"{sys.executable} -m tuilab.cli get last loss | head -1; exit ${{PIPESTATUS[0]}}"
    said = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, check=False, env=os.environ
    )
    assert said.returncode == 141
    assert said.stderr == ""
    assert said.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "streams", "code", "words"),
    [
        ("list runs", ">&-", 0, ""),
        ("get last loss", ">&- 2>&-", 0, ""),
        ("show last", ">&- 2>&- <&-", 0, ""),
        ("list runs", ">/dev/full", 2, "tuilab: No space left on device.\n"),
        ("get last loss", ">/dev/full", 2, "tuilab: No space left on device.\n"),
        ("--help", ">/dev/full 2>/dev/full", 2, ""),
        ("list runs", "| true", 141, ""),
        ("--help", "| true", 141, ""),
    ],
)
def test_an_output_that_takes_nothing_is_no_traceback(
    home: Path, write_run: WriteRun, command: str, streams: str, code: int, words: str
) -> None:
    write_run(home, steps=60_000, total=60_000)
    wait = "sleep 0.2; " if "|" in streams else ""  # until nobody reads any more
    script = f"({wait}exec {sys.executable} -m tuilab {command}) {streams}; exit ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    said = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    assert (said.returncode, said.stdout) == (code, "")
    assert said.stderr.replace("one run, 0 live, in " + str(home / "runs") + "\n", "") == words


def test_an_old_locale_gets_ascii(home: Path, write_run: WriteRun) -> None:
    write_run(home)
    for arguments in (["list", "runs"], ["show", "last"]):
        said = _run_cli(arguments, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
        assert said.returncode == 0
        assert said.stdout.isascii()
        assert said.stderr.isascii()


def test_colours_are_for_terminals(home: Path, write_run: WriteRun) -> None:
    write_run(home)
    assert "\x1b" not in _run_cli(["show", "last"], {"TERM": "xterm-256color"}).stdout
    assert "\x1b" not in _run_cli(["list", "runs"], {"TERM": "xterm-256color"}).stdout


def _run_cli(arguments: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tuilab.cli", *arguments]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["list", "runs"], ["list", "runs", "--json"]]
)
def test_what_is_asked_most_loads_neither_numpy_nor_the_screen(
    home: Path, write_run: WriteRun, arguments: list[str]
) -> None:
    write_run(home)
    probe = (
        "import sys\nfrom tuilab.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "print(*({'numpy', 'torch', 'textual', 'rich'} & set(sys.modules)), file=sys.stderr)"
    )
    said = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert said.stderr.splitlines()[-1] == ""


def test_the_doctor_reports_what_is_there_as_data(
    home: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, Any] = {
        "version": "2.13.0",
        "built_for": "cpu",
        "threads": 2,
        "devices": [],
        "mps": False,
    }
    monkeypatch.setattr("tuilab.doctor._PROBE", f"print('''{json.dumps(found)}''')")
    assert main(["doctor", "--json"]) == 0
    report = {finding["topic"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert report["torch"]["text"] == "2.13.0, built for cpu, 2 CPU threads"
    assert report["device"]["state"] == "warn"
    assert report["home"]["text"].startswith(str(home))
    monkeypatch.setattr("tuilab.doctor._PROBE", "import nothing_of_that_name")
    assert main(["doctor"]) == 1
    assert "BAD   torch     cannot be imported: ModuleNotFoundError" in capsys.readouterr().out

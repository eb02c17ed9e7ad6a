"""What can be typed after `tuilab`: every command with its options, and the help for each."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Any]

KINDS = ("presets", "datasets", "models", "losses", "optimizers", "schedules", "runs")
"""What can be listed."""

_RUN = "a run: its directory, its id, any unambiguous part of it, or `last`"


def add_commands(commands: "Commands") -> None:
    """Declare all of them."""
    _add_running(commands)
    _add_looking(commands)
    _add_steering(commands)
    _add_using(commands)


def _command(commands: "Commands", name: str, about: str, *, json: bool = False) -> argparse.ArgumentParser:
    """Add a command with the options that all of them have."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=f"{about[:1].upper()}{about[1:]}.", allow_abbrev=False
    )
    parser.add_argument("--home", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument(
        "--zoo",
        metavar="FILE",
        type=Path,
        action="append",
        default=argparse.SUPPRESS,
        dest="more_zoo",
        help=argparse.SUPPRESS,
    )
    if json:
        parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add_running(commands: "Commands") -> None:
    run = _command(commands, "run", "train a preset or a TOML file, and follow it")
    run.add_argument("spec", metavar="SPEC", help="a preset's name or a TOML file; `tuilab list presets`")
    fork = _command(commands, "fork", "go on from a run's checkpoint as a new run, with other settings")
    fork.add_argument("run", metavar="RUN", help=_RUN)
    fork.add_argument("--step", metavar="N", type=_step, help="of a checkpoint; the newest by default")
    for parser in (run, fork):
        parser.add_argument(
            "--set",
            metavar="KEY=VALUE",
            action="append",
            default=[],
            help="such as optimizer.lr=3e-3; may be repeated",
        )
        parser.add_argument("--name", default="", help="what to call the run in place of the preset's name")
    resume = _command(commands, "resume", "take a stopped or crashed run up again, and follow it")
    resume.add_argument("run", metavar="RUN", help=_RUN)
    for parser in (run, resume, fork):
        parser.add_argument("--detach", action="store_true", help="start it, print its id and return")
        _add_following(parser)
    attach = _command(commands, "attach", "follow a run; the newest live one by default")
    attach.add_argument("run", metavar="RUN", nargs="?", default="", help=_RUN)
    _add_following(attach)


def _add_following(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plain", action="store_true", help="lines of text, also on a terminal")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")


def _add_looking(commands: "Commands") -> None:
    listing = _command(commands, "list", "list what there is to choose, and the runs there are", json=True)
    listing.add_argument("kind", nargs="?", metavar="KIND", help=", ".join(KINDS))
    fetch = _command(commands, "fetch", "bring data sets to this machine ahead of a run")
    fetch.add_argument("names", metavar="NAME", nargs="+", help="as `tuilab list datasets` has it")
    show = _command(commands, "show", "print the charts of a run, or of several in one, as text", json=True)
    show.add_argument("runs", metavar="RUN", nargs="+", help=f"{_RUN}; several are drawn in the same charts")
    show.add_argument("--once", action="store_true", help="one frame and no more, as it always is")
    show.add_argument(
        "--chart",
        metavar="KEY",
        action="append",
        default=[],
        help="a chart, as loss or layers/grad_norm; may be repeated; those of the screen by default",
    )
    show.add_argument("--width", type=_size, help="columns; the terminal's by default")
    show.add_argument("--height", type=_size, help="rows; the terminal's by default")
    get = _command(
        commands, "get", "print the points of a curve; nan, inf and -inf are words in JSON", json=True
    )
    get.add_argument("run", metavar="RUN", help=_RUN)
    get.add_argument(
        "metric",
        metavar="METRIC",
        nargs="?",
        default="",
        help="such as loss, eval.accuracy or probes/sharpness; left out, the names of all are printed",
    )
    get.add_argument("--around", metavar="STEP", type=_whole, help="only near this step")
    get.add_argument("--window", metavar="N", type=_size, help="so many steps to each side of it (10)")
    export = _command(commands, "export", "write a run as csv, jsonl, svg or tensorboard")
    export.add_argument("run", metavar="RUN", help=_RUN)
    export.add_argument("--to", metavar="FORMAT", required=True, help="csv, jsonl, svg or tensorboard")
    export.add_argument("path", metavar="PATH", help="the file to write; for tensorboard the log directory")
    export.add_argument("--width", type=_size, help="columns of a picture (160)")
    export.add_argument("--height", type=_size, help="rows of a picture (48)")
    export.add_argument(
        "--theme", choices=("dark", "light"), default="", help="of a picture; the screen's own by default"
    )
    _command(commands, "doctor", "check torch, devices, memory, disk, terminal and data", json=True)


def _add_steering(commands: "Commands") -> None:
    for name, about in {
        "pause": "let a run wait after its present step",
        "continue": "let a paused run go on",
        "stop": "end a run after its present step, saving it",
        "checkpoint": "save a run now",
        "kill": "end a run at once, without saving",
    }.items():
        _command(commands, name, about).add_argument("run", metavar="RUN", help=_RUN)
    change = _command(commands, "set", "change a run's settings while it trains")
    change.add_argument("run", metavar="RUN", help=_RUN)
    change.add_argument("settings", metavar="KEY=VALUE", nargs="+", help="such as optimizer.lr=1e-4")


def _add_using(commands: "Commands") -> None:
    judge = _command(commands, "eval", "measure a run's model on a split", json=True)
    judge.add_argument("run", metavar="RUN", help=_RUN)
    judge.add_argument("--split", default="test", help="train, eval or test (test)")
    predict = _command(commands, "predict", "let a run's model answer", json=True)
    predict.add_argument("run", metavar="RUN", help=_RUN)
    predict.add_argument(
        "input",
        metavar="INPUT",
        nargs="+",
        help="a text; or numbers; or feature=value; or a .csv, .npy, .pgm or .ppm file; or a row, test:17",
    )
    predict.add_argument("--length", type=int, default=160, help="tokens that continue a text (160)")
    predict.add_argument("--temperature", type=float, default=0.8, help="0: the likeliest each time (0.8)")
    predict.add_argument("--seed", type=int, default=0, help="another seed, another continuation (0)")
    serve = _command(commands, "serve", "answer over HTTP with a run's model, without authentication")
    serve.add_argument("run", metavar="RUN", help=_RUN)
    serve.add_argument("--host", default="127.0.0.1", help="where to listen (127.0.0.1: this machine only)")
    serve.add_argument("--port", type=_whole, default=8000, help="0: any that is free (8000)")
    for parser in (judge, predict, serve):
        parser.add_argument(
            "--checkpoint",
            default="auto",
            help="best, last or a step; by default what the run was tested with",
        )
        parser.add_argument("--int8", action="store_true", help="with weights rounded to int8")


def _whole(text: str) -> int:
    """Return a whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _size(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 1 or more")
    return number


def _step(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a step")
    return int(text)

"""What can be typed after `tuilab`, and the help for it."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tuilab import __version__
from tuilab.errors import TuilabError, UnknownName

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

WRONG, INTERRUPTED, BROKEN_PIPE = 2, 130, 141
"""Exit codes beside 0, done, and 1, the run failed: the last two are 128 and a signal's number."""

KINDS = ("presets", "datasets", "models", "losses", "optimizers", "schedules", "runs")
"""What can be listed."""

_RUN = "a run: its directory, its id, any unambiguous part of it, or `last`"

_EPILOG = """\
RUN is a run's directory, its id, any unambiguous part of one, or `last` for the newest.
Results go to stdout, narration to stderr.
exit codes: 0 done; 1 the run failed, diverged or crashed; 2 the request was wrong; 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other error here does."""

    def error(self, message: str) -> NoReturn:
        raise TuilabError(f"{message[:1].upper()}{message[1:]}. `{self.prog} --help` shows what there is.")

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        # argparse's own hides that a full disk or a closed pipe took nothing of it.
        (file or sys.stderr).write(message)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps every command and what it does on one line."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=20)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what was asked for; `command` is empty for the lab.

    Raises:
        TuilabError: it cannot be understood.
    """
    parser, commands = _parser()
    _check_command(arguments, list(commands.choices))
    asked = parser.parse_args(arguments)
    # Before the command and after it are two lists to argparse.
    asked.zoo = [*asked.zoo, *getattr(asked, "more_zoo", [])]
    return asked


def _check_command(arguments: Sequence[str], known: Sequence[str]) -> None:
    """Answer an unknown command with the one that was meant."""
    words = iter(arguments)
    for word in words:
        if word in ("--home", "--zoo"):
            next(words, None)
        elif not word.startswith("-"):
            if word not in known:
                raise UnknownName("command", word, known)
            return


def _parser() -> tuple[_Parser, "argparse._SubParsersAction[_Parser]"]:
    """Return the parser and its commands."""
    parser = _Parser(
        prog="tuilab",
        description="A training lab in the terminal. Without a command it opens the lab.",
        epilog=_EPILOG,
        formatter_class=_Formatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tuilab {__version__}")
    parser.add_argument("--home", metavar="DIR", help="where runs and data are kept (TUILAB_HOME)")
    parser.add_argument(
        "--zoo",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="a Python file with components of your own; may be repeated",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _add_running(commands)
    _add_looking(commands)
    _add_steering(commands)
    _add_using(commands)
    return parser, commands


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, about: str, *, json: bool = False
) -> _Parser:
    """Add a command with the options that all of them have."""
    parser = commands.add_parser(
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


def _add_running(commands: "argparse._SubParsersAction[_Parser]") -> None:
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


def _add_looking(commands: "argparse._SubParsersAction[_Parser]") -> None:
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
    get.add_argument("--around", metavar="STEP", type=int, help="only near this step")
    get.add_argument("--window", metavar="N", type=_size, default=10, help="how many steps to each side (10)")
    export = _command(commands, "export", "write a run as csv, jsonl or svg")
    export.add_argument("run", metavar="RUN", help=_RUN)
    export.add_argument("--to", metavar="FORMAT", required=True, help="csv, jsonl or svg")
    export.add_argument("path", metavar="PATH", help="the file to write")
    export.add_argument("--width", type=_size, help="columns of a picture (160)")
    export.add_argument("--height", type=_size, help="rows of a picture (48)")
    export.add_argument(
        "--theme", choices=("dark", "light"), default="", help="of a picture; the screen's own by default"
    )
    _command(commands, "doctor", "check torch, devices, memory, disk, terminal and data", json=True)


def _add_steering(commands: "argparse._SubParsersAction[_Parser]") -> None:
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


def _add_using(commands: "argparse._SubParsersAction[_Parser]") -> None:
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
    serve.add_argument("--port", type=int, default=8000, help="0: any that is free (8000)")
    for parser in (judge, predict, serve):
        parser.add_argument(
            "--checkpoint",
            default="auto",
            help="best, last or a step; by default what the run was tested with",
        )
        parser.add_argument("--int8", action="store_true", help="with weights rounded to int8")


def _size(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 1 or more")
    return number


def _step(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a step")
    return int(text)


def settings(given: Sequence[str]) -> dict[str, str]:
    """Return key=value words as a dictionary.

    Raises:
        TuilabError: a word has no key or no equals sign.
    """
    found = {}
    for word in given:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise TuilabError(f"{word!r} is not key=value, like optimizer.lr=3e-3.")
        found[key.strip()] = value
    return found


def on_terminal() -> bool:
    """Return whether a person sits at both ends, at a terminal that can show a screen."""
    # Either may be None: a program may be started with its standard streams closed.
    there = all(end is not None and end.isatty() for end in (sys.stdin, sys.stdout))
    return there and os.environ.get("TERM", "") not in ("", "dumb")

"""The command line is read here: what was typed becomes what is asked for, or one line that says why not."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tuilab import __version__
from tuilab.cli_commands import add_commands
from tuilab.errors import TuilabError, UnknownName

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

WRONG, INTERRUPTED, BROKEN_PIPE = 2, 130, 141
"""Exit codes beside 0, done, and 1, the run failed: the last two are 128 and a signal's number."""

_SETTING = re.compile(r"(--)?[a-z]+\.\w+=\S+")
"""What was typed for `--set KEY=VALUE` by somebody who knows other tools."""

_EPILOG = """\
RUN is a run's directory, its id, any unambiguous part of one, or `last` for the newest.
Results go to stdout, narration to stderr.
exit codes: 0 done; 1 the run failed, diverged or crashed; 2 the request was wrong; 130 interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other error here does."""

    def error(self, message: str) -> NoReturn:
        self._refuse(message, f"`{self.prog} --help` shows what there is")

    def not_known(self, words: Sequence[str]) -> NoReturn:
        """Say that these words mean nothing here, and where a setting among them belongs."""
        setting = next((word.lstrip("-") for word in words if _SETTING.fullmatch(word)), "")
        message = f"unrecognized arguments: {' '.join(words)}"
        if not setting:
            self.error(message)
        if "--set" in self._option_string_actions:
            self._refuse(message, f"A setting is changed by `--set {setting}`")
        self._refuse(message, f"`tuilab fork RUN --set {setting}` goes on from a run with other settings")

    def _refuse(self, message: str, hint: str) -> NoReturn:
        raise TuilabError(f"{message[:1].upper()}{message[1:]}. {hint}.")

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
    asked, unknown = parser.parse_known_args(arguments)
    if unknown:
        commands.choices.get(asked.command, parser).not_known(unknown)
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
    add_commands(commands)
    return parser, commands


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

"""The command line: what was asked for goes to the one function that does it.

Everything is imported where it is needed: `tuilab --help` and `tuilab list runs`
load neither NumPy nor the screen, and no command ever loads torch.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tuilab import cli_streams, collecting
from tuilab.cli_parser import BROKEN_PIPE, INTERRUPTED, WRONG, parse
from tuilab.errors import TuilabError


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked and return the exit code."""
    cli_streams.prepare()
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except TuilabError as error:
        _complain(str(error))
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        cli_streams.deliver()  # whoever read has what they wanted
        return BROKEN_PIPE
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        cli_streams.deliver()
        _complain(f"{where}{error.strerror or error}.")
        return WRONG
    return code


def _complain(text: str) -> None:
    """Say what is wrong; the exit code says so, too, where nothing can be said."""
    with contextlib.suppress(OSError):
        print(f"tuilab: {text}", file=sys.stderr, flush=True)


def _run(arguments: Sequence[str]) -> int:
    from tuilab.places import home_directory

    try:
        asked = parse(arguments)
    except SystemExit as told:  # --help and --version
        return int(told.code or 0)
    asked.home = home_directory(asked.home)
    if asked.command:
        return _COMMANDS[asked.command](asked)
    if not cli_streams.on_terminal():
        raise TuilabError(
            "this is not a terminal that can show the lab. Without one, `tuilab run digits-mlp` trains "
            "a preset and prints lines, `tuilab list` shows what there is, and `tuilab --help` the rest."
        )
    return open_lab(asked.home, asked.zoo)


def open_lab(home: Path, own_files: Sequence[Path]) -> int:
    """Open the lab on this terminal."""
    from tuilab.new_run import check_writable
    from tuilab.ui.app import Lab
    from tuilab.ui.terminal import abilities

    check_writable(home)
    abilities.check()
    if own_files:
        from tuilab.cli_catalog import check_own_files

        check_own_files(own_files)
    lab = Lab(home, list(own_files))
    collecting.settle()
    lab.run()
    if lab.watched is not None and lab.watched.alive:
        print(f"{lab.watched.id} goes on. `tuilab attach` comes back to it.", file=sys.stderr)
    return 0


def _start(asked: argparse.Namespace) -> int:
    from tuilab import cli_run

    return cli_run.run(asked) if asked.command == "run" else cli_run.resume(asked)


def _attach(asked: argparse.Namespace) -> int:
    from tuilab import cli_attach

    return cli_attach.attach(asked)


def _fork(asked: argparse.Namespace) -> int:
    from tuilab import cli_fork

    return cli_fork.fork(asked)


def _list(asked: argparse.Namespace) -> int:
    from tuilab import cli_list

    return cli_list.list_kind(asked)


def _show(asked: argparse.Namespace) -> int:
    from tuilab import cli_show

    return cli_show.show(asked)


def _get(asked: argparse.Namespace) -> int:
    from tuilab import cli_get

    return cli_get.get(asked)


def _fetch(asked: argparse.Namespace) -> int:
    from tuilab import cli_datasets

    return cli_datasets.fetch(asked)


def _steer(asked: argparse.Namespace) -> int:
    from tuilab import cli_steer

    return cli_steer.steer(asked)


def _export(asked: argparse.Namespace) -> int:
    from tuilab import cli_export

    return cli_export.export(asked)


def _use(asked: argparse.Namespace) -> int:
    if asked.command == "serve":
        from tuilab import cli_serve

        cli_serve.serve(asked)
    if asked.command == "eval":
        from tuilab import cli_eval

        return cli_eval.evaluate(asked)
    from tuilab import cli_predict

    return cli_predict.predict(asked)


def _doctor(asked: argparse.Namespace) -> int:
    from tuilab import doctor

    return doctor.report(asked.home, asked.zoo, as_json=asked.json)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    **dict.fromkeys(("run", "resume"), _start),
    "attach": _attach,
    "fork": _fork,
    **dict.fromkeys(("set", "pause", "continue", "stop", "checkpoint", "kill"), _steer),
    "list": _list,
    "fetch": _fetch,
    "show": _show,
    "get": _get,
    "export": _export,
    **dict.fromkeys(("eval", "predict", "serve"), _use),
    "doctor": _doctor,
}

if __name__ == "__main__":
    sys.exit(main())

"""The worker's door: `python -m tuilab.worker --run DIR`, or `--standby` to wait for one.

Torch lives behind this door. A worker knows no screen: it answers questions as
JSON lines, trains one run, and leaves what happened in its directory.
"""

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

_TELL_SECONDS = 0.1
"""Between two words on how far a fetch is: no reader sees more."""


def main(arguments: list[str] | None = None) -> int:
    """Train a run, wait in standby, or describe the zoo; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tuilab.worker", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="where runs and data are kept")
    parser.add_argument(
        "--zoo", type=Path, action="append", default=[], help="a file with components of your own"
    )
    parser.add_argument("--lock", type=int, help="the run's lock, handed down as an open file")
    doing = parser.add_mutually_exclusive_group(required=True)
    doing.add_argument("--run", type=Path, help="train this run directory")
    doing.add_argument("--standby", action="store_true", help="answer JSON lines until told to run")
    doing.add_argument("--describe", action="store_true", help="print the zoo as JSON")
    doing.add_argument("--fetch", metavar="NAME", help="bring a data set here, saying how far it is")
    doing.add_argument("--serve", type=Path, metavar="RUN", help="serve this run's model over HTTP")
    parser.add_argument("--host", default="127.0.0.1", help="where to serve")
    parser.add_argument("--port", type=int, default=8000, help="where to serve; 0: any that is free")
    parser.add_argument("--checkpoint", default="auto", help="what to serve: auto, best, last or a step")
    parser.add_argument("--int8", action="store_true", help="serve with int8 weights")
    asked = parser.parse_args(arguments)
    if asked.serve:
        return _serve(asked)
    # A dropped link must not reach the training; nor must a Ctrl-C in the terminal it came from.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if asked.run:
        return _train(asked.run, asked.home, asked.zoo, asked.lock)
    if asked.describe:
        from tuilab import zoo

        zoo.load(asked.zoo)
        print(json.dumps(zoo.describe().to_json()))
        return 0
    if asked.fetch:
        return _fetch(asked.fetch, asked.home, asked.zoo)
    return _stand_by(asked.home, asked.zoo)


def _fetch(name: str, home: Path, own_files: list[Path]) -> int:
    """Bring a data set to this machine; return 0 where it is there, 1 where not."""
    import time

    stops: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stops.append(number))
    said = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what components print must not end up among what is said
    from tuilab import zoo
    from tuilab.errors import TuilabError
    from tuilab.zoo.data import Request
    from tuilab.zoo.sources.watch import watching

    told = 0.0

    def tell(done: int, total: int, source: str) -> None:
        nonlocal told
        if time.monotonic() - told >= _TELL_SECONDS or done == total:
            told = time.monotonic()
            print(json.dumps({"done": done, "total": total, "source": source}), file=said)

    try:
        zoo.load(own_files)
        with watching(tell, lambda: bool(stops)):
            zoo.REGISTRIES["datasets"][name].build(Request(cache=home / "data"))
    except TuilabError as error:
        print(json.dumps({"error": str(error).removeprefix("data.name: ")}), file=said)
        return 1
    return 0


def _serve(asked: argparse.Namespace) -> int:
    """Serve a run's model until it is interrupted; return 0, or 2 where that cannot be."""
    from tuilab import zoo
    from tuilab.errors import TuilabError
    from tuilab.runs import Run

    try:
        zoo.load(asked.zoo)
        from tuilab.engine.serve import Server
        from tuilab.engine.trained import load

        trained = load(Run(asked.serve), asked.home, asked.checkpoint, int8=asked.int8)
        server = Server(trained, asked.host, asked.port)
    except TuilabError as error:
        print(f"tuilab: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while torch is loaded
        return 130
    print(f"{server.url} serves {trained.run.id} ({trained.checkpoint})", flush=True)
    notice = "It has no authentication: whoever reaches the address can use it. Ctrl-C ends it."
    print(notice, file=sys.stderr, flush=True)
    server.run()
    return 0


def _train(path: Path, home: Path, own_files: list[Path], inherited: int | None = None) -> int:
    """Become a run's worker; return 0 where it ended as asked, 1 where it failed or diverged."""
    from tuilab import commands, locks
    from tuilab.errors import TuilabError
    from tuilab.runs import Run

    if "TORCHELASTIC_RUN_ID" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        # Each process would train all of it, and all but one would fail on the lock.
        print("A run is trained by one process: start the worker without torchrun.", file=sys.stderr)
        return 2
    try:
        lock = locks.acquire(path) if inherited is None else os.fdopen(inherited, "ab")
    except TuilabError as error:
        print(error, file=sys.stderr)
        return 2
    # Until torch is there nobody could hear it: a signal is kept as what it means.
    signal.signal(signal.SIGTERM, lambda *_: commands.send(path / "commands", commands.Command("stop")))
    from tuilab.engine.session import Session

    state = Session(Run(path), home, lock).train(own_files)
    return 0 if state in ("finished", "stopped") else 1


def _stand_by(home: Path, own_files: list[Path]) -> int:
    """Answer questions until the screen goes away or a run is to be trained."""
    # What components print must not end up among the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    from tuilab import locks
    from tuilab.engine.warm import warm_up
    from tuilab.errors import TuilabError

    broken = ""
    try:
        warm_up(own_files)
    except TuilabError as error:  # a file of the user's: every question is answered with what is wrong
        broken = str(error)
    for line in sys.stdin:
        question = json.loads(line)
        number, asked = question["id"], question["ask"]
        if broken:
            print(json.dumps({"id": number, "error": broken}), file=answers)
            continue
        if asked == "run":
            print(json.dumps({"id": number, "answer": {"pid": os.getpid()}}), file=answers)
            answers.close()
            path = Path(question["path"])
            # The lock first: a run that has a log and no worker is one that has crashed.
            with locks.acquire(path) as lock:
                inherited = os.dup(lock.fileno())
            _detach(path)
            return _train(path, home, own_files, inherited)
        print(json.dumps({"id": number, **_answer(asked, question, home)}), file=answers)
    return 0


def _answer(asked: str, question: dict[str, Any], home: Path) -> dict[str, Any]:
    """Return {"answer": ...}, or {"error": ..., "problems": ...}."""
    from tuilab import zoo
    from tuilab.engine import questions
    from tuilab.errors import SpecError, TuilabError

    try:
        if asked == "describe":
            return {"answer": zoo.describe().to_json()}
        if asked == "check":
            return {"answer": questions.check(question["spec"], home)}
        if asked == "preview":
            return {"answer": questions.preview(question["spec"], home)}
        if asked in ("evaluate", "predict"):
            from tuilab.engine import after

            answer = {"evaluate": after.evaluation, "predict": after.prediction}[asked]
            return {"answer": answer(question, home)}
        return {"error": f"A worker cannot be asked {asked!r}."}
    except SpecError as error:
        return {"error": str(error), "problems": [[item.key, item.message] for item in error.problems]}
    except TuilabError as error:
        return {"error": str(error)}
    except Exception as error:  # one bad spec must not cost the screen its standby
        return {"error": f"{type(error).__name__}: {error}"}


def _detach(path: Path) -> None:
    """Let go of the screen's pipes: what is printed from here on goes to the run's log."""
    log = os.open(path / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main())

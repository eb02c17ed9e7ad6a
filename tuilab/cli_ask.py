"""Asking a worker one question from the command line, which itself never loads torch."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from typing import Any

from tuilab import origins, runs
from tuilab.cli_streams import narrate
from tuilab.errors import Problem, SpecError, TuilabError
from tuilab.supervise import Standby


def ask(home: Path, own_files: Sequence[Path], question: str, **values: Any) -> Any:
    """Start a worker, ask it, and return its answer.

    Raises:
        TuilabError: what the worker refused.
    """
    replies: Queue[dict[str, Any]] = Queue()
    standby = Standby(home, [path.absolute() for path in own_files])
    try:
        standby.ask(question, replies.put, **values)
        reply = replies.get()
    finally:
        standby.close()
    if "answer" in reply:
        return reply["answer"]
    if reply.get("problems"):
        raise SpecError([Problem(key, message) for key, message in reply["problems"]])
    raise TuilabError(str(reply["error"]))


def ask_run(asked: argparse.Namespace, question: str, **values: Any) -> Any:
    """Have a worker load the model of the run that is named, ask it, and return its answer.

    Raises:
        TuilabError: there is no such run, or what the worker refused.
    """
    run = runs.find(asked.home, asked.run)
    origins.checkpoint_of(run, asked.checkpoint)  # before anything is loaded
    narrate(f"Loading {run.id}; this takes a few seconds.")
    return ask(
        asked.home,
        asked.zoo,
        question,
        run=str(run.path),
        checkpoint=asked.checkpoint,
        int8=asked.int8,
        **values,
    )

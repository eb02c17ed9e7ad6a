"""Asking a worker one question from the command line, which itself never loads torch."""

from collections.abc import Sequence
from pathlib import Path
from queue import Queue
from typing import Any

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

"""What a worker is asked about a run that has been trained: how good it is, what it makes of inputs.

Nothing is written: a run's directory has one writer, and that was the worker which trained it.
"""

import time
from pathlib import Path
from typing import Any

from tuilab import runs
from tuilab.engine.predict import Options, predict
from tuilab.engine.trained import load
from tuilab.engine.typed_inputs import from_words


def evaluation(question: dict[str, Any], home: Path) -> dict[str, Any]:
    """Return a run's metrics on a split, with its size and the time it took.

    Raises:
        TuilabError: there is no such run, checkpoint or split, or the data are not to be had.
    """
    run = runs.find(home, question["run"])
    trained = load(run, home, question["checkpoint"], int8=question["int8"])
    split = question["split"]
    began = time.perf_counter()
    metrics = trained.metrics(split)
    seconds = time.perf_counter() - began
    rows = trained.built.data.split(split).rows
    return {**trained.facts(), "split": split, "rows": rows, "seconds": seconds, "metrics": metrics}


def prediction(question: dict[str, Any], home: Path) -> list[dict[str, Any]]:
    """Return what a run's model makes of inputs that were typed.

    Raises:
        TuilabError: as `evaluation`, or an input is not what the model takes.
    """
    options = Options(**question["options"])
    trained = load(runs.find(home, question["run"]), home, question["checkpoint"], int8=question["int8"])
    return predict(trained, from_words(question["inputs"], trained.built.data.task), options)

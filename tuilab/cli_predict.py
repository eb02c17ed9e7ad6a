"""`tuilab predict`: what a run's model makes of inputs that are typed, or of files."""

import argparse
import json

from tuilab import runs
from tuilab.cli_ask import ask
from tuilab.cli_catalog import narrate


def predict(asked: argparse.Namespace) -> int:
    """Print one answer an input."""
    run = runs.find(asked.home, asked.run)
    narrate(f"Loading {run.id}; this takes a few seconds.")
    answers = ask(
        asked.home,
        asked.zoo,
        "predict",
        run=str(run.path),
        inputs=asked.input,
        checkpoint=asked.checkpoint,
        int8=asked.int8,
        options={"length": asked.length, "temperature": asked.temperature, "seed": asked.seed},
    )
    if asked.json:
        print(json.dumps([{key: answer[key] for key in answer if key != "shown"} for answer in answers]))
    else:
        print("\n".join(str(answer["shown"]) for answer in answers))
    return 0

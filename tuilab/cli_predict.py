"""`tuilab predict`: what a run's model makes of inputs that are typed, or of files."""

import argparse
import json

from tuilab.cli_ask import ask_run


def predict(asked: argparse.Namespace) -> int:
    """Print one answer an input."""
    options = {"length": asked.length, "temperature": asked.temperature, "seed": asked.seed}
    answers = ask_run(asked, "predict", inputs=asked.input, options=options)
    if asked.json:
        print(json.dumps([{key: answer[key] for key in answer if key != "shown"} for answer in answers]))
    else:
        print("\n".join(str(answer["shown"]) for answer in answers))
    return 0

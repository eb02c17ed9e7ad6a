"""`tuilab serve`: this process becomes a worker that answers over HTTP."""

import argparse
import os
import sys
from typing import NoReturn

from tuilab import origins, runs
from tuilab.cli_streams import narrate
from tuilab.errors import TuilabError
from tuilab.supervise import worker_command, worker_environment


def serve(asked: argparse.Namespace) -> NoReturn:
    """Give this process over to the worker: so Ctrl-C reaches it, and torch was never loaded here.

    Raises:
        TuilabError: there is no such run or checkpoint, or the port is none.
    """
    run = runs.find(asked.home, asked.run)
    origins.checkpoint_of(run, asked.checkpoint)
    if not 0 <= asked.port < 1 << 16:
        raise TuilabError(f"--port {asked.port} is out of range; expected 0 to 65535.")
    narrate(f"Loading {run.id}; this takes a few seconds.")
    how = ["--host", asked.host, "--port", str(asked.port), "--checkpoint", asked.checkpoint]
    how += ["--int8"] if asked.int8 else []
    command = worker_command(asked.home, asked.zoo, "--serve", str(run.path), *how)
    sys.stdout.flush()
    os.execve(sys.executable, command, worker_environment())

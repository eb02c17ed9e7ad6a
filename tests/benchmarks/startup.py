"""How long until something is painted: the lab against the smallest Textual app there is.

Both are started the same way, in turns, on a terminal of the same size, with compiled
files at hand; the clock runs from the start of the process until the terminal has
received a given text. Medians, and their ratio. Run as
`python tests/benchmarks/startup.py [ROUNDS]`.
"""

import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]

MINIMAL = """
from textual.app import App
from textual.widgets import Footer, Header, Static

class Minimal(App):
    def compose(self):
        yield Header()
        yield Static("painted")
        yield Footer()

Minimal().run()
"""

_LIMIT = 60.0
"""Seconds after which a start has failed."""


def seconds_until(command: list[str], text: bytes, environ: Mapping[str, str]) -> float:
    """Start a command on a terminal of 120x40 and return when it has written a text."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    received = b""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=dict(environ), start_new_session=True, cwd=ROOT
    )
    os.close(slave)
    try:
        while text not in received:
            left = started + _LIMIT - time.perf_counter()
            if left <= 0 or not select.select([master], [], [], left)[0]:
                raise TimeoutError(f"{command} has not written {text!r}, but {received[-500:]!r}")
            received += os.read(master, 1 << 16)
        return time.perf_counter() - started
    finally:
        # A worker that was put in standby would import torch into the next measurement.
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
        process.wait()
        os.close(master)


def main(rounds: int) -> None:
    """Measure in turns and print medians in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            **os.environ,
            "TERM": "xterm-256color",
            "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
            "TUILAB_HOME": f"{folder}/home",
        }
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        (Path(folder) / "minimal.py").write_text(MINIMAL)
        minimal = [sys.executable, f"{folder}/minimal.py"]
        lab = [sys.executable, "-m", "tuilab"]
        cases = {
            "minimal app": (minimal, b"painted"),
            "lab, first paint": (lab, b"1 Presets"),
            "lab, all panes filled": (lab, b"beta1"),
            "first launch, first paint": (lab, b"1 Presets"),
            "first launch, preset's own words": (lab, b"The zoo is being"),
            "first launch, all panes filled": (lab, b"beta1"),
        }
        first = seconds_until(lab, b"beta1", environ)  # describes the zoo, and compiles
        times: dict[str, list[float]] = {name: [] for name in cases}
        for number in range(rounds + 1):
            for place, (name, (command, text)) in enumerate(cases.items()):
                # A first launch has a home where nothing was ever kept.
                home = (
                    f"{folder}/new-{number}-{place}" if name.startswith("first") else environ["TUILAB_HOME"]
                )
                times[name].append(seconds_until(command, text, {**environ, "TUILAB_HOME": home}))
    base = statistics.median(times["minimal app"][1:])
    print(f"{rounds} rounds in turns, 120x40; the very first launch was filled after {1000 * first:.0f} ms")
    for name, seconds in times.items():
        measured = sorted(seconds[1:])  # the first of each warms the caches
        middle = statistics.median(measured)
        print(
            f"{name:<34}{1000 * middle:6.0f} ms  [{1000 * measured[0]:.0f} to {1000 * measured[-1]:.0f}]"
            f"  {middle / base:5.2f} x minimal"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)

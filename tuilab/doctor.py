"""What this machine offers and what is in the way, in one look.

Each check answers by itself, so that what is broken does not hide what is not.
Torch is asked in a process of its own: that is where training will need it.
"""

import contextlib
import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from tuilab.at_hand import at_hand
from tuilab.catalog import load_cached
from tuilab.errors import TuilabError
from tuilab.new_run import check_writable
from tuilab.ui.widgets.figures import size

_PACKAGES = ("textual", "numpy", "safetensors", "psutil")

_TORCH_SECONDS = 120
"""A cold import from a network disk takes a minute."""

_LITTLE_DISK = 2e9
"""Bytes: less than this does not hold a small model's checkpoints and a data set."""

_PROBE = """
import json, torch
cuda = torch.cuda.is_available()
print(json.dumps({
    "version": torch.__version__,
    "built_for": torch.version.cuda or torch.version.hip or "cpu",
    "threads": torch.get_num_threads(),
    "devices": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())] if cuda else [],
    "mps": torch.backends.mps.is_available(),
}))
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    topic: str
    state: str
    """good, warn or bad; only bad stands in the way."""
    text: str


def report(home: Path, own_files: Sequence[Path], *, as_json: bool) -> int:
    """Print every finding; return 0 where nothing stands in the way of training, else 1."""
    from tuilab.ui.plain_text import coloured, wants_colour

    findings, colour = [], wants_colour(sys.stdout)
    for finding in examine(home, own_files):
        findings.append(finding)
        if not as_json:
            state = {"good": "ok  ", "warn": "note", "bad": "BAD "}[finding.state]
            print(f"{coloured(state, finding.state, colour)}  {finding.topic:<9} {finding.text}", flush=True)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings]))
    return 1 if any(finding.state == "bad" for finding in findings) else 0


def examine(home: Path, own_files: Sequence[Path]) -> Iterator[Finding]:
    """Give the findings one by one: some take seconds."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _torch,
        _driver,
        _memory,
        lambda: _home(home),
        _terminal,
        lambda: _data(home, own_files),
    )
    for check in checks:
        yield from check()


def _python() -> Iterator[Finding]:
    yield Finding("python", "good", f"{platform.python_version()} at {sys.executable}, {platform.platform()}")
    shown = []
    for package in _PACKAGES:
        try:
            shown.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            yield Finding("packages", "bad", f"{package} is missing: python -m pip install {package}")
    yield Finding("packages", "good", ", ".join(shown))


def _torch() -> Iterator[Finding]:
    try:
        said = subprocess.run(
            [sys.executable, "-P", "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=_TORCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield Finding("torch", "bad", f"was not imported within {_TORCH_SECONDS} s")
        return
    if said.returncode:
        last = said.stderr.strip().splitlines()[-1:] or [f"exit code {said.returncode}"]
        yield Finding("torch", "bad", f"cannot be imported: {last[0]}")
        return
    found = json.loads(said.stdout.splitlines()[-1])
    about = f"{found['version']}, built for {found['built_for']}, {found['threads']} CPU threads"
    yield Finding("torch", "good", about)
    if found["devices"] or found["mps"]:
        yield Finding("device", "good", ", ".join(found["devices"]) or "Apple GPU (mps)")
    else:
        yield Finding("device", "warn", "torch sees no GPU; runs train on the CPU")


def _driver() -> Iterator[Finding]:
    """Ask the NVIDIA driver, which also knows what others are doing on its GPUs."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception as error:  # not installed, no driver, driver and library apart: each in its own class
        yield Finding("driver", "warn", f"no NVIDIA driver answers ({error})")
        return
    with contextlib.suppress(pynvml.NVMLError):
        yield Finding("driver", "good", f"NVIDIA {pynvml.nvmlSystemGetDriverVersion()}")
        for number in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(number)
            memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
            name, busy = pynvml.nvmlDeviceGetName(handle), memory.used / memory.total
            about = f"{number}: {name}, {memory.free / 1e9:.1f} of {memory.total / 1e9:.1f} GB free"
            yield Finding("gpu", "warn" if busy > 0.5 else "good", about)
    pynvml.nvmlShutdown()


def _memory() -> Iterator[Finding]:
    import psutil

    memory = psutil.virtual_memory()
    about = f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB free, {os.cpu_count()} CPU cores"
    yield Finding("memory", "good" if memory.available > 1e9 else "warn", about)


def _home(home: Path) -> Iterator[Finding]:
    try:
        check_writable(home)
        free = shutil.disk_usage(home).free
    except (TuilabError, OSError) as error:
        yield Finding("home", "bad", str(error))
        return
    state = "good" if free > _LITTLE_DISK else "warn"
    yield Finding("home", state, f"{home}, {free / 1e9:.1f} GB free")
    probe = home / f".doctor-{os.getpid()}"
    try:
        with probe.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        yield Finding(
            "locks", "bad", f"files there cannot be locked ({error.strerror}): choose another --home"
        )
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


def _terminal() -> Iterator[Finding]:
    from tuilab.ui.terminal.abilities import check, glyphs, over_ssh

    term, size = os.environ.get("TERM", ""), shutil.get_terminal_size((0, 0))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Finding("terminal", "warn", "this is none; the lab needs one, `tuilab run` does not")
        return
    try:
        check()
    except TuilabError as error:
        yield Finding("terminal", "bad", str(error))
        return
    about = [f"TERM={term or 'unset'}", f"{size.columns}x{size.lines}", f"charts in {glyphs()}"]
    about += ["over SSH"] * over_ssh() + ["inside tmux"] * bool(os.environ.get("TMUX"))
    if term in ("", "dumb"):
        yield Finding("terminal", "warn", f"{', '.join(about)}: it cannot show the lab")
    else:
        cramped = size.columns < 80 or size.lines < 24
        yield Finding("terminal", "warn" if cramped else "good", ", ".join(about))


def _data(home: Path, own_files: Sequence[Path]) -> Iterator[Finding]:
    from tuilab.cli_catalog import catalog_for

    try:
        catalog = load_cached(home, own_files) or catalog_for(home, own_files)
    except TuilabError as error:
        yield Finding("zoo", "bad", str(error))
        return
    counts = ", ".join(f"{len(cards)} {kind}" for kind, cards in catalog.cards.items())
    yield Finding("zoo", "good", counts)
    cards = catalog.cards["datasets"].values()
    away = [card for card in cards if not at_hand(card, home / "data")]
    fetched = [card.name for card in cards if card not in away and not card.facts.get("at_hand", True)]
    besides = f"; fetched already: {', '.join(fetched)}" if fetched else ""
    yield Finding("data", "good", f"{len(cards) - len(away)} data sets are at hand{besides}")
    for card in away:
        about = f"{size(card.facts.get('bytes', 0))} from {card.facts.get('where', card.source)}"
        yield Finding("data", "warn", f"{card.name}: {about} (`tuilab fetch {card.name}`)")

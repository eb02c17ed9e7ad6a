"""Each room loads what it may, and nothing else: seen in clean interpreters.

The import graph that import-linter reads cannot prove a deferral; these can.
"""

import subprocess
import sys
from pathlib import Path

import pytest

import tuilab

TOP = sorted(path.stem for path in Path(tuilab.__file__).parent.glob("*.py") if path.stem != "__init__")
READS_TABLES = {"tables", "curve_places", "curves", "spreads", "history", "tensorboard"}
READS_TABLES |= {"cli_follow", "cli_get", "cli_show"}
"""The only ones at the top level that need NumPy."""

NEVER = [
    ("tuilab", "torch textual rich numpy"),
    *((f"tuilab.{name}", "torch textual rich tuilab.zoo tuilab.engine tuilab.ui.app") for name in TOP),
    *((f"tuilab.{name}", "numpy") for name in TOP if name not in READS_TABLES),
    ("tuilab.charts.line", "torch textual rich tuilab.runs tuilab.tables"),
    ("tuilab.zoo", "textual rich tuilab.runs tuilab.engine tuilab.ui tuilab.charts"),
    ("tuilab.engine.session", "textual rich tuilab.ui tuilab.charts"),
    ("tuilab.ui.plain", "torch textual rich tuilab.zoo tuilab.engine"),
    ("tuilab.ui.plain_runs", "torch textual rich numpy"),
    ("tuilab.ui.app", "torch numpy tuilab.zoo tuilab.engine"),
    ("tuilab.ui.screens.runs", "torch tuilab.zoo tuilab.engine"),
    ("tuilab.ui.screens.run", "torch tuilab.zoo tuilab.engine"),
    ("tuilab.ui.screens.lab", "torch numpy tuilab.zoo tuilab.engine"),
]


@pytest.mark.parametrize(("module", "forbidden"), NEVER, ids=lambda words: words.split()[0])
def test_a_room_stays_clean(module: str, forbidden: str) -> None:
    probe = f"import sys, {module}; print(*sorted(set({forbidden.split()!r}) & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""

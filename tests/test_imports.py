"""Each room loads what it may, and nothing else: seen in clean interpreters.

The import graph that import-linter reads cannot prove a deferral; these can.
"""

import subprocess
import sys
from importlib.util import find_spec

import pytest

VOCABULARY = (
    "errors knobs registry options schedules spec catalog resolve presets events commands runs supervise"
).split()

NEVER = [
    *((f"tuilab.{module}", "torch textual rich numpy") for module in VOCABULARY),
    ("tuilab", "torch textual rich numpy"),
    ("tuilab.__main__", "torch textual rich numpy"),
    ("tuilab.cli", "torch textual rich numpy tuilab.ui tuilab.zoo tuilab.engine"),
    ("tuilab.doctor", "torch textual rich numpy"),
    ("tuilab.tables", "torch textual rich"),
    ("tuilab.history", "torch textual rich"),
    ("tuilab.charts.line", "torch textual rich tuilab.runs tuilab.tables"),
    ("tuilab.zoo", "textual rich tuilab.runs tuilab.engine tuilab.ui tuilab.charts"),
    ("tuilab.worker", "textual rich tuilab.ui tuilab.charts"),
    ("tuilab.ui.plain", "torch textual rich tuilab.zoo tuilab.engine"),
    ("tuilab.ui.app", "torch numpy tuilab.zoo tuilab.engine"),
    ("tuilab.ui.screens.runs", "torch tuilab.zoo tuilab.engine"),
    ("tuilab.ui.screens.run", "torch tuilab.zoo tuilab.engine"),
    ("tuilab.ui.screens.lab", "torch tuilab.zoo tuilab.engine"),
]


@pytest.mark.parametrize(("module", "forbidden"), NEVER, ids=[module for module, _ in NEVER])
def test_a_room_stays_clean(module: str, forbidden: str) -> None:
    if find_spec(module) is None:
        pytest.skip("not built yet")
    probe = f"import sys, {module}; print(*sorted(set({forbidden.split()!r}) & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""

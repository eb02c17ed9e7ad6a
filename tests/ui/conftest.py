"""What tests of screens share: a taste and a home of their own, and a run that is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui import written
from tests.ui.lab_kit import write_presets
from tests.ui.written import Written
from tuilab import presets
from tuilab.catalog import Catalog, save_cached
from tuilab.ui.screens import lab_shelf, lab_worker


@pytest.fixture(autouse=True)
def own_taste(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember what is chosen in a folder of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def home(tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that knows the zoo, two presets, and no waiting for more key strokes."""
    write_presets(tmp_path / "shipped")
    monkeypatch.setattr(lab_shelf, "preset_folder", lambda: tmp_path / "shipped")
    monkeypatch.setattr(presets, "preset_folder", lambda: tmp_path / "shipped")
    monkeypatch.setattr(lab_worker, "_SETTLED", 0.001)
    monkeypatch.setenv("TUILAB_GLYPHS", "braille")
    save_cached(catalog, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def done(tmp_path: Path) -> Iterator[Written]:
    """A run that is over."""
    run = written.finished(tmp_path)
    yield run
    run.close()

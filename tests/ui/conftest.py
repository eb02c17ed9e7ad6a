"""What tests of screens share: a taste of their own, and a run that is over."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui import written
from tests.ui.written import Written


@pytest.fixture(autouse=True)
def own_taste(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember what is chosen in a folder of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def done(tmp_path: Path) -> Iterator[Written]:
    """A run that is over."""
    run = written.finished(tmp_path)
    yield run
    run.close()

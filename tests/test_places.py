"""Where everything is kept, and who says so."""

import sys
from pathlib import Path

import pytest

from tuilab.places import home_directory


def test_the_home_is_the_option_then_the_variable_then_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUILAB_HOME", "/variable")
    assert home_directory("/option") == Path("/option")
    assert home_directory() == Path("/variable")
    monkeypatch.setenv("TUILAB_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.setattr(sys, "platform", "linux")
    assert home_directory() == Path("/data/tuilab")

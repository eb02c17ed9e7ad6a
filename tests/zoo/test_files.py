"""The files in the package, and what the zoo may load."""

import subprocess
import sys
from pathlib import Path

import pytest

from tuilab.errors import TuilabError
from tuilab.zoo import vendored

_WITHOUT = ("textual", "rich", "sklearn", "jaxtyping", "beartype", "scipy", "pandas")


def test_every_vendored_file_is_named_in_the_notice() -> None:
    notice = (vendored.FOLDER / "NOTICE.md").read_text()
    files = [path.name for path in vendored.FOLDER.iterdir() if path.name != "NOTICE.md"]
    assert files
    assert [name for name in files if f"`{name}`" not in notice] == []


def test_a_damaged_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendored, "FOLDER", tmp_path)
    (tmp_path / "iris.csv").write_text("5.1,3.5,1.4,0.2,0")
    with pytest.raises(TuilabError, match="is damaged"):
        vendored.read("iris.csv", "0" * 64)
    with pytest.raises(TuilabError, match="cannot be read"):
        vendored.read("wine.csv", "0" * 64)


def test_the_zoo_loads_nothing_but_torch_and_numpy() -> None:
    probe = (
        "import sys; from tuilab import zoo; zoo.load(); "
        f"print([name for name in {_WITHOUT!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

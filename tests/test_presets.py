"""Presets and one's own TOML files."""

from pathlib import Path

import pytest

from tuilab import presets
from tuilab.errors import TuilabError
from tuilab.presets import load


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped presets in place of the real one."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(presets, "folder", lambda: folder)
    (folder / "digits-mlp.toml").write_text(
        '[preset]\ngroup = "start here"\nabout = "A."\n'
        '[data]\nname = "digits"\n[model]\nname = "mlp"\nwidth = [8]\n'
    )
    (folder / "moons.toml").write_text('[preset]\ngroup = "gradient descent"\n[data]\nname = "moons"\n')
    (folder / "digits-first.toml").write_text('[preset]\ngroup = "start here"\norder = 1\n')
    return folder


def test_presets_are_listed_by_group_order_and_name(shipped: Path) -> None:
    (shipped / "broken.toml").write_text("a = ")
    assert presets.names() == ["digits-first", "digits-mlp", "moons", "broken"]


def test_a_preset_is_known_by_the_name_of_its_file(shipped: Path) -> None:
    assert load("digits-mlp")["preset"] == {"name": "digits-mlp", "group": "start here", "about": "A."}


def test_an_unknown_preset_is_told_its_neighbour(shipped: Path) -> None:
    with pytest.raises(TuilabError, match=r"no preset called 'digit-mlp'. Did you mean 'digits-mlp'\?"):
        load("digit-mlp")


def test_one_preset_extends_another_and_says_itself_what_it_shows(shipped: Path) -> None:
    (shipped / "wide.toml").write_text('[preset]\nextends = "digits-mlp"\n[model]\nwidth = [512]\n')
    assert load("wide") == {
        "preset": {"name": "wide", "extends": "digits-mlp"},
        "data": {"name": "digits"},
        "model": {"name": "mlp", "width": [512]},
    }


def test_ones_own_file_extends_its_neighbour_or_a_shipped_one(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('[preset]\nextends = "digits-mlp"\n')
    (tmp_path / "child.toml").write_text('[preset]\nextends = "own"\n[model]\nwidth = [3]\n')
    assert load(str(tmp_path / "child.toml"))["model"] == {"name": "mlp", "width": [3]}


def test_ones_own_copy_may_extend_the_original_of_the_same_name(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "digits-mlp.toml").write_text('[preset]\nextends = "digits-mlp"\n[model]\nwidth = [3]\n')
    assert load(str(tmp_path / "digits-mlp.toml"))["data"] == {"name": "digits"}


def test_a_circle_is_named(shipped: Path) -> None:
    (shipped / "a.toml").write_text('[preset]\nextends = "b"\n')
    (shipped / "b.toml").write_text('[preset]\nextends = "a"\n')
    (shipped / "c.toml").write_text('[preset]\nextends = "c"\n')
    with pytest.raises(TuilabError, match="a -> b -> a: a preset cannot extend itself"):
        load("a")
    with pytest.raises(TuilabError, match="c -> c: a preset cannot extend itself"):
        load("c")


@pytest.mark.parametrize("base", ['"nothing"', "3", '"../x"', '"a/b"', '""', "true", "[1]"])
def test_an_odd_base_is_refused_or_counts_as_none(shipped: Path, base: str) -> None:
    (shipped / "odd.toml").write_text(f"[preset]\nextends = {base}\n")
    if base == '""':
        assert "preset" in load("odd")
    else:
        with pytest.raises(TuilabError, match="There is no preset called"):
            load("odd")


@pytest.mark.parametrize("reference", ["nowhere.toml", "a/b", "./x", "/"])
def test_a_file_that_is_not_there_says_how_presets_are_found(shipped: Path, reference: str) -> None:
    with pytest.raises(TuilabError, match="There is no file"):
        load(reference)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b"\x93NUMPY\xff\xfe")
    with pytest.raises(TuilabError, match=r"own\.toml is not a TOML file"):
        load(str(tmp_path / "own.toml"))


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(b'\xef\xbb\xbf[data]\nname = "digits"\n')
    assert load(str(tmp_path / "own.toml"))["data"] == {"name": "digits"}


def test_broken_toml_names_the_file_and_the_line(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[data]\nname = \n")
    with pytest.raises(TuilabError, match=r"own\.toml is not valid TOML: .*line 2"):
        load(str(tmp_path / "own.toml"))

"""The way to the terminal: bytes in, bytes out, and nothing that waits."""

import ast
import os
import pty
import sys
import tty

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual._compositor import ChopsUpdate
from textual.drivers.linux_driver import LinuxDriver

from tests.ui.terminal import ROOT
from tuilab.errors import TuilabError
from tuilab.ui.terminal import abilities, crop, fitting
from tuilab.ui.terminal.driver import LabDriver
from tuilab.ui.terminal.link import ENOUGH, Link
from tuilab.ui.terminal.mouse import InputDecoder


def test_mouse_reports_of_the_old_form_survive_the_right_half_of_the_screen() -> None:
    decoder = InputDecoder()
    assert decoder.feed(b"\x1b[M" + bytes([32, 32 + 150, 32 + 3])) == "\x1b[<0;150;3M"
    assert decoder.feed(b"\x1b[M" + bytes([35, 32 + 150, 32 + 3])) == "\x1b[<0;150;3m"
    assert decoder.feed(b"\x1b[M" + bytes([32 + 64, 255, 255])) == "\x1b[<64;223;223M"


def test_a_report_that_arrives_in_pieces_is_put_together() -> None:
    decoder = InputDecoder()
    pieces = [decoder.feed(bytes([byte])) for byte in b"a\x1b[M" + bytes([33, 200, 40]) + b"b"]
    assert "".join(pieces) == "a\x1b[<1;168;8Mb"


def test_an_escape_key_is_not_held_back() -> None:
    assert InputDecoder().feed(b"\x1b") == "\x1b"


@given(st.lists(st.binary(max_size=8), max_size=20))
def test_any_bytes_can_be_decoded(blocks: list[bytes]) -> None:
    decoder = InputDecoder()
    for block in blocks:
        assert isinstance(decoder.feed(block), str)


@pytest.mark.parametrize("text", ["q", "é", "日本語", "\x1b[<0;150;3M", "\x1b[200~pasted ü\x1b[201~"])
def test_what_is_utf8_is_left_alone(text: str) -> None:
    decoder = InputDecoder()
    assert "".join(decoder.feed(bytes([byte])) for byte in text.encode()) == text


def test_a_line_that_stalls_never_makes_the_writer_wait() -> None:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    link = Link(theirs)
    for _ in range(100):
        link.write("x" * 4096)
    assert link.unsent > ENOUGH
    link.discard()
    assert link.unsent <= 4096
    while not link.drain(0.0):
        os.read(ours, 1 << 16)
    link.write("last words")
    received = b""
    while not received.endswith(b"last words"):
        received += os.read(ours, 1 << 16)
    os.close(ours)
    os.close(theirs)


def test_a_terminal_that_was_closed_is_told_once_and_swallows_the_rest() -> None:
    ours, theirs = pty.openpty()
    gone: list[bool] = []
    os.close(ours)
    link = Link(theirs)
    link.on_gone = lambda: gone.append(True)
    link.write("x")
    assert link.drain(5.0)
    assert link.gone
    link.write("y")
    assert link.unsent == 0
    assert gone == [True]
    os.close(theirs)


def test_a_terminal_without_braille_gets_what_it_has() -> None:
    ours, theirs = pty.openpty()
    link = Link(theirs, abilities.replacements("ascii"), "ascii")
    link.write("╭─╮ ▶ 3×10⁻⁴ ü")
    assert link.drain(5.0)
    assert os.read(ours, 100) == b"+-+ > 3x10-4 ?"
    link.write("猫│e\u0301│ü")
    assert link.drain(5.0)
    assert os.read(ours, 100) == b"??|e|?", "as many cells as they take"
    os.close(ours)
    os.close(theirs)


def test_every_sign_of_the_screen_has_one_in_ascii() -> None:
    """What is left out would be a question mark there."""
    known, missing = abilities.replacements("ascii"), set()
    for path in (ROOT / "tuilab" / "ui").rglob("*.py"):
        if path.parent.name == "terminal" or path.name == "picture_shapes.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
                missing |= {char for char in node.value if not char.isascii() and ord(char) not in known}
    # Those of C1 and the marks of direction are what is to be replaced, not what is shown.
    assert not {char for char in missing if char.isprintable()}


@pytest.mark.parametrize(
    ("environ", "rung"),
    [
        ({"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}, "braille"),
        ({"TERM": "xterm-256color", "LC_ALL": "C", "LANG": "en_GB.UTF-8"}, "ascii"),
        ({"TERM": "linux", "LANG": "en_GB.UTF-8"}, "half"),
        ({"TERM": "dumb"}, "ascii"),
        ({"TERM": "xterm", "TUILAB_GLYPHS": "quadrant"}, "quadrant"),
        ({}, "braille"),
    ],
)
def test_glyphs_follow_locale_and_terminal(environ: dict[str, str], rung: str) -> None:
    assert abilities.glyphs(environ) == rung


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("TUILAB_FRAMES", "many", r"frames a second are a number from 0.1 to 30\. Unset, .* draws 5"),
        ("TUILAB_FRAMES", "0", "from 0.1 to 30"),
        ("TUILAB_FRAMES", "31", "from 0.1 to 30"),
        ("TUILAB_FRAMES", "nan", "from 0.1 to 30"),
        ("TUILAB_GLYPHS", "brail", "Did you mean 'braille'"),
        ("TUILAB_GLYPHS", "sixel", "Choose from ascii, braille, half, quadrant"),
    ],
)
def test_what_the_environment_asks_for_in_vain_is_told(name: str, value: str, remedy: str) -> None:
    with pytest.raises(TuilabError, match=f"{name}={value}: .*{remedy}"):
        abilities.check({name: value})
    abilities.check({name: ""})


def test_the_short_updates_are_in_place_for_the_pinned_version() -> None:
    assert crop.install()
    assert crop.install()  # again is the same


def test_another_version_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def original(self: ChopsUpdate, console: object) -> str:
        return ""

    monkeypatch.setattr(ChopsUpdate, "render_segments", original)
    monkeypatch.setattr("textual.__version__", "8.9.9")
    assert not crop.install()
    assert ChopsUpdate.render_segments is original


def test_a_private_class_that_changed_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def original(self: ChopsUpdate, console: object) -> str:
        return ""

    monkeypatch.setattr(ChopsUpdate, "render_segments", original)
    monkeypatch.setattr(ChopsUpdate, "__init__", lambda self, *given: None)
    assert not crop.install()
    assert ChopsUpdate.render_segments is original


def test_our_driver_is_used_while_textual_has_what_it_overrides(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fitting.fitting_driver() is LabDriver
    monkeypatch.delattr(LinuxDriver, "_get_terminal_size")
    monkeypatch.delattr(LabDriver, "_get_terminal_size")
    assert fitting.fitting_driver() is None


def test_without_the_modules_it_is_made_of_textuals_own_driver_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tuilab.ui.terminal.driver", None)
    assert fitting.fitting_driver() is None
    assert fitting.unsent(None) == fitting.sent(None) == 0

"""The real screen in a real terminal: what a user sees in the cases that hurt."""

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.terminal import Terminal
from tests.ui.written import Written


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Written]:
    """A run that is under way."""
    run = Written(tmp_path)
    run.meta()
    run.hold()
    run.tell("started", 0, "digits-mlp on cpu")
    run.advance(300)
    run.evaluate(200)
    run.status("running")
    yield run
    run.close()


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Terminals to close."""
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def settled(terminal: Terminal) -> None:
    """Wait until nothing has come for a while."""
    before = -1
    while before != terminal.received:
        before = terminal.received
        terminal.read(0.6)


def test_mouse_bytes_past_column_95_and_any_other_bytes_do_no_harm(
    live: Written, terminals: list[Terminal]
) -> None:
    terminals.append(terminal := Terminal(live.run, 200, 50))
    assert terminal.shows("4 learning rate")
    terminal.type(b"\x1b[M" + bytes([32, 32 + 180, 40]) + b"\x1b[M" + bytes([35, 32 + 180, 40]))
    terminal.type(b"\xff\xfe\x80\xc3")
    terminal.read(0.5)
    terminal.type(b"4y")
    assert terminal.shows("learning rate  log")
    assert terminal.process.poll() is None


def test_a_click_reads_the_curve_where_the_reader_points(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, 80, 24))
    assert terminal.shows("1 loss")
    settled(terminal)
    terminal.type(b"\x1b[<0;30;10M\x1b[<0;30;10m")
    assert terminal.shows("   step ")


def test_dragging_the_mouse_over_charts_moves_the_cursor_and_costs_little(
    live: Written, terminals: list[Terminal]
) -> None:
    terminals.append(terminal := Terminal(live.run, 120, 40))
    assert terminal.shows("4 learning rate")
    settled(terminal)
    terminal.type(b"\x1b[<0;20;12M")
    assert terminal.shows("   step ")
    settled(terminal)
    received = terminal.received
    for column in range(21, 31):
        terminal.type(b"\x1b[<32;%d;12M" % column)
        terminal.read(0.05)
    settled(terminal)
    assert terminal.received - received < 25_000  # ten moves; a whole screen takes 18,000


def test_the_screen_shrinks_to_20_by_5_and_grows_again(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, 200, 50))
    assert terminal.shows("4 learning rate")
    for size in ((20, 5), (1, 1), (80, 24), (200, 50)):
        terminal.resize(*size)
        terminal.read(0.4)
    assert terminal.shows("4 learning rate")
    assert terminal.process.poll() is None


def test_another_textual_shows_the_run_all_the_same(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, 120, 40, {"TUILAB_TEST_OTHER_TEXTUAL": "1"}))
    assert terminal.shows("4 learning rate")
    live.advance(40)
    live.status("running")
    assert terminal.shows(f"{live.done:,} / 1,000")
    terminal.type(b"q")
    terminal.process.wait(5)


def test_half_a_character_waits_for_its_other_half(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, 120, 40))
    assert terminal.shows("4 learning rate")
    for half in (b"\xe6\x97", b"\xa5", b"\xf0\x9f", b"3"):  # the second one never gets its other half
        terminal.type(half)
        terminal.read(0.2)
    terminal.type(b"y")
    assert terminal.shows("gradient norm  log")
    assert terminal.process.poll() is None


@pytest.mark.parametrize("size", [(20, 5), (1, 1)])
def test_it_opens_on_the_smallest_terminal_and_grows(
    live: Written, terminals: list[Terminal], size: tuple[int, int]
) -> None:
    terminals.append(terminal := Terminal(live.run, *size))
    assert terminal.read(10, lambda: any(row.strip() for row in terminal.screen.display))
    terminal.resize(120, 40)
    assert terminal.shows("4 learning rate")


def test_a_terminal_that_goes_away_in_the_middle_of_a_frame_is_no_crash(
    live: Written, terminals: list[Terminal]
) -> None:
    terminals.append(terminal := Terminal(live.run, 200, 50))
    assert terminal.shows("4 learning rate")
    terminal.type(b"e" * 21)  # whole screens are on their way, and nobody reads them
    time.sleep(0.3)
    terminal.hang_up()
    terminal.process.wait(5)
    assert live.run.status.state == "running"


def test_exported_columns_do_not_hold_the_size(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, 200, 50, {"COLUMNS": "80", "LINES": "24"}))
    assert terminal.shows("4 learning rate")


def test_a_line_that_stalls_drops_frames_and_catches_up(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, 120, 40))
    assert terminal.shows("4 learning rate")
    for _ in range(25):  # nobody reads, steps and keys keep coming
        live.advance(20)
        live.status("running")
        terminal.type(b"12yzgx"[: 1 + live.done % 6])
        time.sleep(0.1)
    waiting = terminal.received
    settled(terminal)
    assert terminal.received - waiting < 400_000  # what the line itself holds, and one repaint or two
    assert terminal.process.poll() is None
    live.advance(5)
    live.status("running")
    assert terminal.shows(f"{live.done:,} / 1,000")


def test_leaving_a_stalled_line_does_not_hang(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, 120, 40))
    assert terminal.shows("4 learning rate")
    for _ in range(12):
        terminal.type(b"e")
        time.sleep(0.05)
    terminal.type(b"q")
    terminal.process.wait(5)


def test_a_terminal_that_is_closed_ends_the_screen_and_not_the_run(
    live: Written, terminals: list[Terminal]
) -> None:
    terminals.append(terminal := Terminal(live.run))
    assert terminal.shows("1 loss")
    terminal.hang_up()
    terminal.process.wait(5)
    assert live.run.status.state == "running"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_gives_the_terminal_back(live: Written, terminals: list[Terminal], number: int) -> None:
    terminals.append(terminal := Terminal(live.run))
    assert terminal.shows("1 loss")
    os.kill(terminal.process.pid, number)
    terminal.read(5, lambda: b"\x1b[?25h" in terminal.raw)
    terminal.process.wait(5)
    assert b"\x1b[?1049l" in terminal.raw
    assert b"\x1b[?25h" in terminal.raw


def test_a_terminal_of_ascii_gets_ascii(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, environ={"LC_ALL": "C"}))
    assert terminal.shows("1 loss")
    settled(terminal)
    assert bytes(terminal.raw).isascii()
    assert "> running" in terminal.screen.display[0]


def test_the_linux_console_gets_blocks_and_no_questions(live: Written, terminals: list[Terminal]) -> None:
    terminals.append(terminal := Terminal(live.run, environ={"TERM": "linux", "COLORTERM": ""}))
    assert terminal.shows("1 loss")
    settled(terminal)
    text = bytes(terminal.raw).decode()
    assert not re.search("[\u2800-\u28ff▖-▟]", text)
    assert re.search("[▀▄█]", text)
    assert "$p" not in text
    assert "\x1b[>" not in text


def test_without_colour_states_and_curves_are_still_told_apart(
    live: Written, terminals: list[Terminal]
) -> None:
    terminals.append(terminal := Terminal(live.run, environ={"NO_COLOR": "1"}))
    assert terminal.shows("▶ running")
    settled(terminal)
    colours = {
        tuple(codes.split(";")[2:5])
        for codes in re.findall(r"\x1b\[(?:[\d;]*;)?(38;2;[\d;]+)m", terminal.raw.decode())
    }
    assert all(len(set(colour[:3])) == 1 for colour in colours), colours
    assert "──" in terminal.screen.display[3]


@pytest.mark.parametrize(
    ("term", "found"), [("xterm-256color", r"38;5;\d+"), ("xterm-16color", r"\x1b\[(\d+;)*(3|9)\dm")]
)
def test_fewer_colours_are_enough(live: Written, terminals: list[Terminal], term: str, found: str) -> None:
    terminals.append(terminal := Terminal(live.run, environ={"TERM": term, "COLORTERM": ""}))
    assert terminal.shows("1 loss")
    settled(terminal)
    assert "38;2;" not in terminal.raw.decode()
    assert re.search(found, terminal.raw.decode())


def test_a_frame_costs_a_hundred_bytes_a_chart_and_nothing_costs_nothing(
    live: Written, terminals: list[Terminal]
) -> None:
    terminals.append(terminal := Terminal(live.run, 120, 40))
    assert terminal.shows("4 learning rate")
    settled(terminal)
    frames = []
    for _ in range(9):
        received = terminal.received
        live.advance(2)
        live.status("running")
        settled(terminal)
        frames.append(terminal.received - received)
    frames.sort()
    assert frames[4] < 700  # four charts, their values, and the status line
    # A run that is said to go on and says nothing is counted; one that has ended is still.
    live.status("finished")
    settled(terminal)
    received = terminal.received
    terminal.read(1.5)
    assert terminal.received == received

"""The real run screen under a pseudo-terminal: what it says of runs of every kind, cell by cell."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ui.terminal import Terminal
from tests.ui.written import Written
from tuilab import commands

Show = Callable[..., Terminal]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Written]:
    """A run of a thousand steps, of which 300 are done."""
    written = Written(tmp_path)
    written.meta()
    written.hold()
    written.tell("started", 0, "digits-mlp on cpu")
    written.advance(300)
    written.evaluate(100)
    written.status("running")
    yield written
    written.close()


@pytest.fixture
def show(run: Written) -> Iterator[Show]:
    """A function that opens the screen on the run: `show(80, 24)`."""
    opened: list[Terminal] = []

    def terminal(columns: int = 80, lines: int = 24) -> Terminal:
        opened.append(Terminal(run.run, columns, lines))
        return opened[-1]

    yield terminal
    for each in opened:
        each.close()


def text(terminal: Terminal) -> str:
    return "\n".join(terminal.screen.display)


def test_a_paused_run_offers_to_go_on(run: Written, show: Show) -> None:
    terminal = show()
    assert terminal.shows("▶ running")
    assert terminal.shows("p Pause")
    run.tell("paused", 300, "paused by request")
    run.status("paused")
    assert terminal.shows("‖ paused")
    assert terminal.shows("p Continue")
    assert "p Pause" not in text(terminal)
    assert "to go" in terminal.screen.display[0]
    terminal.type(b"p")
    assert terminal.read(
        5, lambda: [c.action for c in commands.take(run.run.path / "commands")] == ["continue"]
    )


def test_a_run_killed_by_request_is_no_accident(run: Written, show: Show) -> None:
    run.die()
    run.tell("stopped", 300, "killed by request after 300 steps; no checkpoint was saved yet")
    run.status("stopped", eta=None)
    terminal = show(120)
    assert terminal.shows("Killed by request after 300 steps")
    assert terminal.shows("r resumes.")
    assert "without a word" not in text(terminal)


def test_a_failed_run_shows_where_in_the_code_and_keeps_its_keys_in_sight(run: Written, show: Show) -> None:
    run.die()
    trace = "Traceback (most recent call last):\n" + "".join(
        f'  File "part_{number}.py", line {number}, in call_{number}\n    step {number}\n'
        for number in range(20)
    )
    run.tell("failed", 300, "ValueError: " + "shapes do not fit " * 8, traceback=f"{trace}ValueError: no\n")
    run.status("failed", eta=None)
    terminal = show()
    assert terminal.shows("e shows all of it, r tries again.")
    terminal.type(b"e")
    assert terminal.shows('File "part_19.py", line 19')
    terminal.type(b"\x1b[H")  # home: the oldest
    assert terminal.shows("Traceback (most recent call last)")


def test_a_diverged_run_says_so_and_marks_the_step(run: Written, show: Show) -> None:
    run.advance(20, nan_from=310)
    run.die()
    run.tell("diverged", 310, "the loss left the numbers at step 310: lower the learning rate")
    run.status("diverged", eta=None)
    terminal = show(120)
    assert terminal.shows("✗ diverged")
    assert terminal.shows("The loss left the numbers at step 310: lower the learning rate.")
    assert terminal.shows("×")


def test_a_run_of_two_steps_is_drawn_whole(tmp_path: Path) -> None:
    short = Written(tmp_path, total=2)
    short.meta()
    short.advance(2)
    short.evaluate(2)
    short.tell("finished", 2, "finished after 2 steps")
    short.status("finished", eta=None)
    terminal = Terminal(short.run)
    try:
        assert terminal.shows("✓ finished")
        assert terminal.shows("2 / 2")
        assert terminal.shows("100%")
    finally:
        terminal.close()
        short.close()


def test_down_to_20_by_5_and_back_again(show: Show) -> None:
    terminal = show(120, 40)
    assert terminal.shows("4 learning rate")
    terminal.resize(20, 5)
    assert terminal.shows("300")
    terminal.resize(120, 40)
    assert terminal.shows("4 learning rate")
    assert terminal.process.poll() is None


def test_the_dialogs_of_a_tiny_terminal_show_every_answer(run: Written, show: Show) -> None:
    terminal = show(20, 5)
    assert terminal.shows("300")
    terminal.type(b"s")
    for answer in ("[d] Detach", "[s] Stop", "[k] Kill", "[c] Cancel"):
        assert terminal.shows(answer)
    terminal.type(b"s")
    assert terminal.read(5, lambda: [c.action for c in commands.take(run.run.path / "commands")] == ["stop"])
    terminal.type(b"l")
    assert terminal.shows("0.003")
    terminal.type(b"\x7f" * 8 + b"5000000")
    assert terminal.shows("now 0.003 → 5e6,")


def test_a_tiny_terminal_shows_what_there_is_to_choose(run: Written, show: Show) -> None:
    terminal = show(20, 5)
    assert terminal.shows("300")
    terminal.type(b"/")
    assert terminal.shows("● gradient norm")

"""The status line always tells state, step, epoch, rate and ETA, and no more than is so."""

import re

import pytest

from tuilab.events import Event
from tuilab.status import Status
from tuilab.ui.terminal.cells import cells
from tuilab.ui.widgets.advice import advice
from tuilab.ui.widgets.event_text import briefly, event_rows
from tuilab.ui.widgets.pieces import Piece
from tuilab.ui.widgets.status_text import status_row

RUNNING = Status(
    "running",
    300,
    1000,
    epoch=6.5,
    steps_per_epoch=46,
    rate=412.0,
    eta=100.0,
    device="cpu",
    heartbeat=1000.0,
    doing_since=990.0,
)


def with_(status: Status, **more: object) -> Status:
    return Status(**{key: getattr(status, key) for key in Status.__slots__} | more)


def text(pieces: list[Piece]) -> str:
    return "".join(piece for piece, _ in pieces)


def row(status: Status, width: int = 120, silent: float = 0.0) -> str:
    return text(status_row(status, "a-run", width, silent))


def test_a_running_run_tells_all_of_it() -> None:
    for fact in (
        "▶ running",
        "step   300 / 1,000",
        "epoch 6.50",
        "412 steps/s",
        "ETA    1:40",
        "cpu",
        "a-run",
    ):
        assert fact in row(RUNNING)


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80])
def test_little_room_leaves_the_step_and_the_time_left(width: int) -> None:
    shown = row(RUNNING, width)
    assert len(shown) <= width
    assert "300" in shown
    assert "ETA" in shown or width < 24


def test_a_paused_run_promises_no_time_and_has_no_rate() -> None:
    shown = row(with_(RUNNING, state="paused"))
    assert "ETA" not in shown
    assert "1:40 to go" in shown
    assert "was 412 steps/s" in shown


def test_a_run_whose_worker_is_on_the_way_has_no_rate_yet() -> None:
    shown = row(with_(RUNNING, state="starting", rate=0.0, eta=None))
    assert "- steps/s" in shown
    assert "ETA       -" in shown


def test_what_takes_long_is_named_and_what_is_short_is_not() -> None:
    busy = with_(RUNNING, doing="probe sharpness")
    assert "probe sharpness 0:10" in row(busy)
    assert "no word" not in row(busy)
    assert "sharpness" not in row(with_(busy, doing_since=999.5))


def test_silence_is_told_only_after_a_while_and_never_of_an_ended_run() -> None:
    assert "no word" not in row(RUNNING, silent=5)
    assert "no word for 0:35" in row(RUNNING, silent=35)
    assert "no word" not in row(with_(RUNNING, state="finished"), silent=35)
    assert "no word" not in row(with_(RUNNING, state="paused"), silent=35)


def test_probes_tell_their_price_in_percent_of_the_training_time() -> None:
    status = with_(RUNNING, probe_cost={"layers": 0.24, "sharpness": 11.6, "updates": 0.01})
    assert "probes 12 % (sharpness 12 %, layers 0.2 %)" in row(status, 160)
    assert "probes 12 %" in row(status, 110)
    assert "probes" not in row(with_(status, probe_cost={"layers": 0.01}))


def test_a_run_that_is_being_opened_says_nothing_of_its_state() -> None:
    assert row(Status("opening")) == "○ opening   a-run"


def test_a_long_reason_leaves_the_keys_in_sight() -> None:
    why = Event("failed", 3, "RuntimeError: " + "sizes do not match " * 9)
    for width in (80, 50):
        said = text(advice(Status("failed", 3, 9), [why], width))
        assert len(said) <= width
        assert said.endswith("e shows all of it, r tries again.")
        assert "… " in said


def test_a_kill_by_request_is_told_as_such() -> None:
    killed = Event("stopped", 3, "killed by request after 3 steps; no checkpoint was saved yet")
    said = text(advice(Status("stopped", 3, 9), [killed], 120))
    assert said.startswith("Killed by request after 3 steps")
    assert text(advice(Status("stopped"), [Event("stopped", 3, "stopped by request")], 120)).startswith(
        "Stopped and"
    )


def test_an_event_with_the_screen_to_itself_shows_where_in_the_code_it_failed() -> None:
    trace = 'Traceback (most recent call last):\n  File "model.py", line 12, in forward\nValueError: no'
    event = Event("failed", 3, "ValueError: no", {"traceback": trace})
    assert len(event_rows(event, 100)) == 1
    whole = ["".join(piece for piece, _ in line) for line in event_rows(event, 100, whole=True)]
    assert any('File "model.py", line 12, in forward' in line for line in whole)
    assert sum("ValueError: no" in line for line in whole) == 1


def test_beneath_the_charts_a_sample_takes_one_row_and_no_event_more_than_three() -> None:
    sample = Event("sample", 3, "  .:-\n" * 40)
    pictures = Event("sample", 3, "@@ | ##\n" * 9, {"pictures": {"original": ["00"]}})
    failed = Event("failed", 3, "shapes do not fit " * 60)
    assert [len(event_rows(event, 80)) for event in (sample, pictures, failed)] == [1, 1, 3]
    assert "".join(piece for piece, _ in event_rows(failed, 80)[2]).endswith("…")
    assert [len(event_rows(event, 80, whole=True)) for event in (sample, pictures)] == [40, 9]


def test_wide_letters_are_wrapped_by_the_cells_they_take() -> None:
    event = Event("failed", 3, "日本語" * 40)
    shown = event_rows(event, 80, whole=True)
    assert all(sum(cells(text) for text, _ in row) <= 80 for row in shown)
    assert "".join(row[-1][0] for row in shown) == "日本語" * 40


def test_of_pictures_made_together_one_speaks_for_all() -> None:
    made = [Event("sample", step, str(n), {"pictures": {}}) for step in (3, 6) for n in range(4)]
    other = [Event("sample", 6, "text"), Event("sample", 6, "text")]
    assert [event.text for event in briefly([*made, *other])] == ["0", "0", "text", "text"]
    assert briefly(made[1:4], made[0]) == []


@pytest.mark.parametrize("state", ["crashed", "failed", "diverged", "stopped"])
def test_where_there_are_no_keys_none_are_named(state: str) -> None:
    with_keys, without = (
        "".join(text for text, _ in advice(Status(state=state), [], 200, keys=keys)) for keys in (True, False)
    )
    said = with_keys.split(". ")[0]
    assert without.startswith(said)
    assert not re.search(r"\b[erv] (shows|tries|goes|resumes)", without)
    assert ("tuilab resume" in without) == (state != "diverged")

"""Events: append-only lines that another process follows."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuilab.events import Event, EventReader, EventWriter


def write(path: Path, *events: Event) -> None:
    writer = EventWriter(path)
    for event in events:
        writer.write(event)
    writer.close()


@given(st.text(st.characters()), st.dictionaries(st.text(), st.floats() | st.text() | st.booleans()))
def test_any_text_makes_one_line_and_reads_back(
    tmp_path_factory: Any, text: str, data: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    write(path, Event("sample", 3, text, data))
    (event,) = EventReader(path).read()
    assert event.text == text.encode(errors="replace").decode()
    assert event.step == 3
    assert len(event.data) >= min(len(data), 1)


def test_numbers_that_are_not_json_become_words(tmp_path: Path) -> None:
    write(
        tmp_path / "events.jsonl",
        Event("nan", 1, "", {"loss": math.nan, "all": [math.inf, {"x": -math.inf}]}),
    )
    (event,) = EventReader(tmp_path / "events.jsonl").read()
    assert event.data == {"loss": "nan", "all": ["inf", {"x": "-inf"}]}


def test_a_line_without_its_end_waits_for_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    write(path, Event("started", 0, "é " * 20), Event("finished", 9, "done"))
    whole = path.read_bytes()
    reader, seen = EventReader(path), 0
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        seen += len(reader.read())
        assert seen == whole[:length].count(b"\n")


def test_a_writer_that_comes_after_a_crash_drops_the_half_line(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    write(path, Event("started", 0, "a"), Event("checkpoint", 5, "b"))
    path.write_bytes(path.read_bytes()[:-4])
    reader = EventReader(path)
    assert [event.kind for event in reader.read()] == ["started"]
    write(path, Event("resumed", 0, "c"))
    assert [event.kind for event in reader.read()] == ["resumed"]


def test_lines_of_a_newer_version_or_lost_by_a_disk_do_not_end_the_reading(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(
        '{"kind": "started", "step": 0, "text": "", "colour": "new field"}\n'
        '{"kind": "no step"}\n[]\n3\n\0\0\0\n\n'
        '{"kind": "finished", "step": 1, "text": ""}\n'
    )
    assert [event.kind for event in EventReader(path).read()] == ["started", "finished"]


@pytest.mark.parametrize(
    "line",
    [
        '{"kind": 5, "step": 1, "text": ""}',
        '{"kind": "spike", "step": "abc", "text": ""}',
        '{"kind": "spike", "step": null, "text": ""}',
        '{"kind": "spike", "step": 1.5, "text": ""}',
        '{"kind": "spike", "step": -5, "text": ""}',
        '{"kind": "spike", "step": 1' + "0" * 400 + ', "text": ""}',
        '{"kind": "failed", "step": 1, "text": ["a"]}',
        '{"kind": "command", "step": 1, "text": "", "data": [1]}',
        '{"kind": "spike", "step": 1, "text": "", "time": "now"}',
        '{"kind": "spike", "step": 1, "text": "", "time": NaN}',
        '{"kind": "spike", "step": 1, "text": "", "time": 1e300}',
        "[" * 200_000,
    ],
)
def test_a_line_that_no_writer_wrote_is_passed_over(tmp_path: Path, line: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(f'{line}\n{{"kind": "finished", "step": 1, "text": ""}}\n')
    assert [event.kind for event in EventReader(path).read()] == ["finished"]


def test_a_look_is_bounded_and_the_next_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    write(path, *(Event("checkpoint", step, "") for step in range(25)))
    reader = EventReader(path)
    assert [len(reader.read(limit=10)) for _ in range(4)] == [10, 10, 5, 0]


def test_no_file_is_no_events(tmp_path: Path) -> None:
    assert EventReader(tmp_path / "events.jsonl").read() == []

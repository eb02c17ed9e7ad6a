"""Wide letters in charts: two cells each, never a half."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.charts.curves import series, shown, up
from tuilab.charts.confusion import ConfusionView, confusion
from tuilab.charts.frame import Frame
from tuilab.charts.heat import HeatView, heat
from tuilab.charts.letters import fitting, whole, wrapped
from tuilab.charts.line import Curve, View, draw
from tuilab.charts.samples import Look, Sample, SamplesView, samples
from tuilab.ui.terminal.cells import cells

mixed = st.text("ab 損失é🙂\x1b\u0301\u0e31\u093f\u1161\ufe0f\u200d", max_size=30)


def test_names_are_shown_as_they_are_written() -> None:
    frame = draw(View(40, 8, 0, 60, title="損失 🙂"), [Curve("猫", up)])
    assert shown(frame)[0] == "   損失 🙂  ── 猫 59"
    assert cells(frame.text()[0]) == 40


def test_classes_are_shown_as_they_are_written() -> None:
    frame = confusion(ConfusionView(30, 5), np.array([[9, 1], [0, 4]]), ["猫", "いぬ"])
    assert shown(frame)[1:4] == ["           猫   いぬ", "   猫       9      1", " いぬ       ·      4"]


def test_a_sample_is_broken_between_wide_letters() -> None:
    look = Look(3, [Sample("吾輩は猫である。名前はまだ無い", given=4)])
    frame = samples(SamplesView(13, 5), [look])
    assert shown(frame) == ["step 3 ──────", "» 吾輩は猫で", "  ある。名前", "  はまだ無い", ""]
    assert [text.strip() for text, _ in frame.pieces(1) if text.strip()] == ["»", "吾輩は猫", "で"]


def test_a_row_of_wide_letters_is_filled_though_a_word_fits_whole_in_the_next() -> None:
    frame = samples(SamplesView(13, 4), [Look(3, [Sample("猫 吾輩は猫である")])])
    assert shown(frame)[1:3] == ["» 猫 吾輩は猫", "  である"]


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("cafe\u0301", "café"),
        ("❤\ufe0f", "❤"),
        ("👍\U0001f3fd", "👍"),
        ("👩\u200d👧", "👩👧"),
        ("ก\u0e31", "ก?"),
    ],
)
def test_what_terminals_give_different_cells_is_shown_so_that_they_agree(written: str, seen: str) -> None:
    frame = draw(View(40, 8, 0, 60, title=written), [Curve("x", up)])
    assert shown(frame)[0].split("  ")[-2].strip() == seen


@pytest.mark.parametrize("width", range(1, 40))
def test_what_is_cut_off_takes_its_cells_all_the_same(width: int) -> None:
    frames: list[Frame] = [
        draw(View(width, 8, 0, 60, title="損失損失"), [Curve("猫", up), Curve("犬", up)]),
        heat(HeatView(width, 8, 0, 7, title="勾配"), [("重み重み重み", series(1, 2)), ("x重", series(2, 1))]),
        confusion(ConfusionView(width, 6), np.eye(3, dtype=np.int64), ["猫猫猫猫", "犬", "x鳥"]),
        samples(SamplesView(width, 6), [Look(3, [Sample("a吾輩は猫 である")])]),
    ]
    for frame in frames:
        assert [cells(row) for row in frame.text()] == [width] * len(frame.chars), shown(frame)


def test_a_changed_wide_letter_is_painted_whole() -> None:
    before, after = (draw(View(40, 8, 0, 60, title=title), [Curve("x", up)]) for title in ("a損b", "a失b"))
    assert after.changed(before) == [(0, 4, 6)]


@given(mixed, st.integers(0, 30), st.integers(0, 30))
def test_a_cut_text_keeps_its_cells(text: str, begin: int, end: int) -> None:
    cut = fitting(text, False)[begin:end]
    assert len(whole(cut)) == len(cut) == cells(whole(cut).replace("\0", ""))


@given(mixed, st.integers(2, 20))
def test_a_wrapped_text_is_all_there(text: str, room: int) -> None:
    fitted = fitting(text, False)
    rows = wrapped(fitted, room)
    assert "".join(rows) == fitted
    assert all(len(row) <= room and whole(row) == row for row in rows)

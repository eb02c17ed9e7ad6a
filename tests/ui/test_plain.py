"""Runs as plain text: a frame, and the rows of a list."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuilab.runs import Run
from tuilab.tables import TableWriter
from tuilab.ui import plain
from tuilab.ui.plain_runs import Columns, RunLine, cells, headings, look
from tuilab.ui.plain_spark import glimpse, spark

WriteRun = Callable[..., Run]


def test_a_frame_shows_state_charts_and_events(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, losses=np.linspace(2, 1, 100))
    rows = plain.frame(run, 60, 16)
    assert rows[0] == f"✓ finished   {run.id}"
    assert rows[1] == "step 100/100   epoch 5.00   50.0 steps/s   trained 0:02"
    assert rows[2] == "test.loss 0.5000   test.accuracy 0.9700   eval.loss 0.4000"
    assert rows[-2:] == ["        0  started: mlp, 4,810 parameters, on cpu", "      100  finished: finished"]
    assert "── train 1 " in rows[3]
    assert any("⠉" in row for row in rows[4:-2])


def test_wide_frames_put_charts_side_by_side(tmp_path: Path, write_run: WriteRun) -> None:
    text = "\n".join(plain.frame(write_run(tmp_path), 120, 40))
    for title in ("loss", "accuracy", "gradient norm", "learning rate"):
        assert title in text


@pytest.mark.parametrize("glyphs", ["braille", "quadrant", "half", "ascii"])
@pytest.mark.parametrize("size", [(1, 1), (5, 2), (20, 5), (80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("steps", [0, 1, 100])
def test_every_size_and_rung_fits(
    tmp_path: Path, write_run: WriteRun, glyphs: str, size: tuple[int, int], steps: int
) -> None:
    run = write_run(tmp_path, steps=steps, state="running" if steps else "queued", alive=bool(steps))
    rows = plain.frame(run, *size, glyphs)
    assert len(rows) <= size[1]
    assert max(map(len, rows)) <= size[0]
    assert glyphs != "ascii" or all(row.isascii() for row in rows)


def test_a_loss_that_is_not_a_number_is_marked(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, losses=[*[1.0] * 99, math.nan], state="diverged")
    assert "×" in "\n".join(plain.frame(run, 80, 24)[3:])


def test_colours_only_where_they_are_wanted(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    assert "\x1b" not in "".join(plain.frame(run, 80, 24))
    coloured = plain.frame(run, 80, 24, colour=True)
    assert coloured[0].startswith("\x1b[32m✓ finished\x1b[0m")
    assert "\x1b[36m" in "".join(coloured)


def test_a_glimpse_of_a_short_run_has_every_point(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, steps=5, losses=[5, 4, 3, 2, 1])
    assert glimpse(run.path / "steps.npy", "loss") == (5, 4, 3, 2, 1)
    assert glimpse(run.path / "steps.npy", "step") == ()
    assert glimpse(run.path / "steps.npy", "nothing") == ()
    assert glimpse(run.path / "nothing.npy", "loss") == ()


def test_a_glimpse_reads_little_of_a_long_run(tmp_path: Path) -> None:
    kind = np.dtype([("step", "<i8"), ("flag", "u1"), ("split", "S5"), ("wide", "<f8"), ("loss", "<f4")])
    rows = np.zeros(100_000, kind)
    rows["loss"] = np.linspace(1, 0, len(rows))
    rows["wide"] = 2 * rows["loss"]
    writer = TableWriter(tmp_path / "steps.npy", kind)
    writer.append(rows)
    writer.close()
    seen = glimpse(tmp_path / "steps.npy", "loss", parts=4)
    assert seen == pytest.approx([0.75, 0.5, 0.25, 0.0], abs=1e-3)
    assert glimpse(tmp_path / "steps.npy", "wide", parts=4) == pytest.approx([2 * x for x in seen], rel=1e-6)


def test_the_newest_row_is_always_in_the_glimpse(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, steps=1000, total=1000, losses=[*[1.0] * 999, math.inf], state="diverged")
    for width in (5, 12, 24):
        assert spark(look(run).losses, width)[-1] == "×"


@given(st.lists(st.floats(width=32), max_size=40), st.integers(0, 30))
def test_a_sparkline_has_the_width_asked_for(values: list[float], width: int) -> None:
    assert len(spark(values, width)) == width
    assert spark(values, width, ascii_only=True).isascii()


@given(st.integers(1, 300))
def test_rows_and_headings_keep_to_their_width(width: int) -> None:
    path = Path("20260101-000000-a-very-long-name-that-somebody-gave-a-run-1234")
    line = RunLine(
        path, "a-long-preset-name", "diverged", 5, 7, "eval.balanced_accuracy", 0.5, (1.0, 2.0), 0.0
    )
    columns = Columns.fitting(width)
    row = "".join(text for text, _ in cells(line, columns, now=1e9))
    assert len(row) <= max(width, 12)
    assert len(headings(columns)) <= max(width, 12)

"""Runs as plain text: a frame, and the rows of a list."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ui.test_run_screen import Watch, settle
from tests.ui.written import Written, finished, rows
from tuilab.errors import TuilabError
from tuilab.runs import Run
from tuilab.tables import TableWriter
from tuilab.ui import plain
from tuilab.ui.plain_paint import bare, row_text
from tuilab.ui.plain_runs import Columns, RunLine, headings, look, run_row
from tuilab.ui.plain_spark import glimpse, spark
from tuilab.ui.screens.run import RunScreen
from tuilab.ui.terminal.abilities import replacements
from tuilab.ui.terminal.cells import cells as cells_of
from tuilab.ui.widgets.board_layout import FLAT

WriteRun = Callable[..., Run]


@pytest.fixture(autouse=True)
def _unchosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has chosen charts yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run with every kind of chart and event."""
    run = finished(tmp_path_factory.mktemp("home"))
    run.tell("command", 400, "optimizer.lr 0.003 to 0.001", **{"optimizer.lr": 0.001})
    run.tell("sample", 600, "several words\n日本語\n" + "a long line " * 20)
    run.close()
    return run.run


SIZES = [(120, 40), (80, 24), (200, 50), (60, 20), (40, 12), (20, 5), (110, 18), (300, 100)]


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_a_frame_is_the_screen_without_its_keys(whole: Run, width: int, height: int) -> None:
    app = Watch(whole)
    async with app.run_test(size=(width, height)) as pilot:
        await settle(pilot)
        strips = app.screen._compositor.render_strips()
    seen = [strip.text.rstrip() for strip in strips]
    keys = 1 if height >= FLAT else 0
    rows = plain.frame(whole, width, height - keys)
    assert rows == "\n".join(seen[: height - keys]).rstrip().split("\n")


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Run]]:
    """Two more: one that is over sooner, and one that is under way."""
    home = tmp_path_factory.mktemp("beside")
    over, live = finished(home, total=600), Written(home, 2000)
    live.meta()
    live.hold()
    live.advance(700)
    live.status("running")
    yield [over.run, live.run]
    over.close()
    live.close()


@pytest.mark.parametrize(("width", "height"), SIZES)
async def test_several_runs_are_the_charts_that_the_screen_overlays(
    whole: Run, beside: list[Run], width: int, height: int
) -> None:
    app = Watch(whole)
    async with app.run_test(size=(width, height)) as pilot:
        app.push_screen(RunScreen(whole, beside))
        await settle(pilot)
        strips = app.screen._compositor.render_strips()
    seen = [strip.text.rstrip() for strip in strips]
    keys = 1 if height >= FLAT else 0
    rows = plain.frame(whole, width, height - keys, others=beside)
    assert rows == "\n".join(seen[: height - keys]).rstrip().split("\n")


def test_several_runs_are_told_apart_without_colour(whole: Run, beside: list[Run]) -> None:
    text = "\n".join(plain.frame(whole, 200, 50, others=beside))
    assert "A digits-mlp-" in text
    assert " steps=600" in text
    assert " steps=2000" in text
    assert all(mark in text for mark in ("── A", "╌╌ A eval", "── C"))
    coloured = plain.frame(whole, 200, 50, colour=True, others=beside)
    assert [bare(row) for row in coloured] == plain.frame(whole, 200, 50, others=beside)
    lettered = next(row for row in coloured if "steps=2000" in row)
    assert "\x1b[36mA \x1b[0;2m" in lettered
    assert "\x1b[0;33mB " in lettered


def test_another_run_that_cannot_be_read_is_named(whole: Run, tmp_path: Path) -> None:
    run = finished(tmp_path)
    run.close()
    np.save(run.run.path / "steps.npy", np.zeros(10, [("loss", "<f4")]))
    with pytest.raises(TuilabError, match=f"{run.run.path} cannot be read as a run"):
        plain.frame(whole, 80, 24, others=[run.run])


def test_a_run_that_reads_a_look_chooses_its_charts(whole: Run) -> None:
    text = "\n".join(plain.frame(whole, 100, 30, charts=["layers/grad_norm", "lr"]))
    assert "gradient norm of each layer" in text
    assert "5.weight" in text
    assert "2 learning rate" in text
    assert "loss" not in text
    with pytest.raises(TuilabError, match=r"There is no chart in .* called 'layers/grad_nrm'\. Did you mean"):
        plain.frame(whole, 100, 30, charts=["layers/grad_nrm"])


def test_flags_legend_and_what_is_planned_are_drawn(tmp_path: Path) -> None:
    run = Written(tmp_path)
    run.meta()
    run.hold()
    run.advance(300)
    run.evaluate(200)
    run.tell("checkpoint", 250, "step-00000250")
    run.status("running")
    text = "\n".join(plain.frame(run.run, 120, 40))
    run.close()
    assert "◆" in text
    assert "── train" in text
    assert "╌╌ eval" in text
    rate = [row[60:] for row in text.split("\n") if "learning rate" not in row]
    # Three tenths are done, and the axis holds half: the rest of the half is the future.
    assert any("⠉" in row[40:] or "⠒" in row[40:] or "⠤" in row[40:] for row in rate)


def test_steps_that_do_not_ascend_are_no_reason_to_fail(tmp_path: Path) -> None:
    run = Written(tmp_path)
    block = rows(0, 50, 100)
    block["step"] = [*range(30), *range(10, 30)]
    run.steps.append(block)
    run.status("stopped")
    run.close()
    assert "■ stopped" in plain.frame(run.run, 80, 24)[0]


def test_a_directory_that_holds_something_else_is_said_to(tmp_path: Path) -> None:
    run = finished(tmp_path)
    run.close()
    np.save(run.run.path / "steps.npy", np.zeros(10, [("loss", "<f4")]))
    with pytest.raises(TuilabError, match="cannot be read as a run"):
        plain.frame(run.run, 80, 24)


@given(
    st.integers(1, 300),
    st.integers(1, 100),
    st.sampled_from(["braille", "quadrant", "half", "ascii"]),
    st.booleans(),
    st.sampled_from([(), ("layers/grad_norm",), ("lr", "loss", "accuracy")]),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
def test_every_size_and_rung_fits(
    whole: Run, width: int, height: int, glyphs: str, colour: bool, charts: tuple[str, ...]
) -> None:
    shown = [bare(row) for row in plain.frame(whole, width, height, glyphs, colour, charts)]
    assert 0 < len(shown) <= height
    assert max(map(cells_of, shown)) <= width
    text = "".join(shown).replace("日本語", "")
    assert glyphs != "ascii" or text.isascii()


HOSTILE = [
    [],
    [1.0],
    [math.nan],
    [math.inf, -math.inf],
    [0.0] * 5,
    [3e38, -3e38, 1e-45],
    [*[1.0] * 99, math.nan],
    [1.0, 1e9, 1.0],
]


@pytest.mark.parametrize("losses", HOSTILE)
@pytest.mark.parametrize("size", [(1, 1), (20, 5), (80, 24), (200, 50)])
def test_hostile_curves_of_any_length_are_drawn(
    tmp_path: Path, write_run: WriteRun, losses: list[float], size: tuple[int, int]
) -> None:
    steps = len(losses)
    run = write_run(tmp_path, steps=steps, losses=losses, state="running", alive=True)
    shown = plain.frame(run, *size)
    assert len(shown) <= size[1]
    assert max(map(len, shown)) <= size[0]
    if size == (80, 24) and any(not math.isfinite(loss) for loss in losses):
        assert "×" in "\n".join(shown)


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    pieces = [("The worker is gone ", "painted--bad"), ("without a word", "")]
    assert row_text(pieces, 24, {}, colour=False) == "The worker is gone with…"
    assert row_text(pieces, 1, {}, colour=False) == "…"
    assert row_text(pieces, 24, replacements("ascii"), colour=False) == "The worker is gone with~"
    assert row_text([("日本語", "")], 5, {}, colour=False) == "日本…"


def test_colours_only_where_they_are_wanted(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path)
    plainly = plain.frame(run, 80, 24)
    assert "\x1b" not in "".join(plainly)
    coloured = plain.frame(run, 80, 24, colour=True)
    assert "\x1b[32m✓ finished" in coloured[0]
    assert "\x1b[36m" in "".join(coloured)
    assert [bare(row) for row in coloured] == plainly


def test_a_glimpse_of_a_short_run_has_every_point(tmp_path: Path, write_run: WriteRun) -> None:
    run = write_run(tmp_path, steps=5, losses=[5, 4, 3, 2, 1])
    assert glimpse(run.path / "steps.npy", "loss", total=5) == (5, 4, 3, 2, 1)
    assert glimpse(run.path / "steps.npy", "loss") == (5, 4, 3, 2, 1, None, None, None)
    assert glimpse(run.path / "steps.npy", "step") == ()
    assert glimpse(run.path / "steps.npy", "nothing") == ()
    assert glimpse(run.path / "nothing.npy", "loss") == ()


def test_a_glimpse_reads_little_of_a_long_run(tmp_path: Path) -> None:
    kind = np.dtype([("step", "<i8"), ("flag", "u1"), ("split", "S5"), ("wide", "<f8"), ("loss", "<f4")])
    table = np.zeros(100_000, kind)
    table["loss"] = np.linspace(1, 0, len(table))
    table["wide"] = 2 * table["loss"]
    writer = TableWriter(tmp_path / "steps.npy", kind)
    writer.append(table)
    writer.close()
    seen = glimpse(tmp_path / "steps.npy", "loss", 100_000, parts=4)
    assert seen == pytest.approx([0.75, 0.5, 0.25, 0.0], abs=1e-3)
    wide = glimpse(tmp_path / "steps.npy", "wide", 100_000, parts=4)
    assert wide == pytest.approx([2 * x for x in seen if x is not None], rel=1e-6)


def test_a_sparkline_never_moves_its_past(tmp_path: Path) -> None:
    kind = np.dtype([("step", "<i8"), ("loss", "<f4")])
    writer = TableWriter(tmp_path / "steps.npy", kind)
    drawn: dict[int, list[float]] = {}
    for first in range(0, 1000, 10):
        block = np.zeros(10, kind)
        block["loss"] = np.sin(np.arange(first, first + 10))
        writer.append(block)
        course = glimpse(tmp_path / "steps.npy", "loss", 1000)
        there = [value for value in course if value is not None]
        assert course[len(there) :] == (None,) * (len(course) - len(there))
        scale = next(k for k in range(8) if 1000 >> k + 1 < first + 10)
        before = drawn.get(scale, [])[:-1]  # the last part was still growing
        assert there[: len(before)] == before
        drawn[scale] = there
    writer.close()
    assert len(drawn) > 5
    assert len(drawn[0]) == 24


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
    row = "".join(text for text, _ in run_row(line, columns, now=1e9))
    assert len(row) <= max(width, 12)
    assert len(headings(columns)) <= max(width, 12)


def test_a_glimpse_knows_columns_of_any_name_and_shape(tmp_path: Path) -> None:
    kinds = [("step", "<i8"), ("a b/损失", "<f4"), ("each", "<f4", (3,)), ("words", "<U5"), ("it's", "<f8")]
    table = np.zeros(4, [*kinds, ("loss", "<f4")])
    table["loss"] = [4, 3, 2, 1]
    writer = TableWriter(tmp_path / "steps.npy", table.dtype)
    writer.append(table)
    writer.close()
    assert glimpse(tmp_path / "steps.npy", "loss", 4) == (4, 3, 2, 1)

"""Several runs in the same charts: chosen, told apart, followed, taken away again."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from textual.pilot import Pilot

from tests.ui import written
from tests.ui.test_run_screen import Watch, rows, settle, watching
from tests.ui.written import Written
from tuilab.charts.series import Series
from tuilab.charts.xmap import Elapsed
from tuilab.runs import Run
from tuilab.spec import Spec, dumps
from tuilab.status import Status
from tuilab.ui.screens.run import RunScreen
from tuilab.ui.screens.run_panels import Panel
from tuilab.ui.screens.run_pick_others import offered
from tuilab.ui.terminal.cells import cells
from tuilab.ui.widgets.chart_board import ChartBoard
from tuilab.ui.widgets.chart_overlay import Shown, curves, legend, names, whole, x_mode
from tuilab.ui.widgets.lens import Lens


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Written]]:
    """Two runs that are over and one that is under way."""
    first, second = written.finished(tmp_path), written.finished(tmp_path, total=600)
    live = Written(tmp_path, 2000)
    live.meta()
    live.hold()
    live.advance(700)
    live.status("running")
    made = [first, second, live]
    yield made
    for run in made:
        run.close()


class Curves:
    """What a chart takes its curves from, with every curve the same."""

    lock = nullcontext()

    def __init__(self, steps: int, samples: float = 64.0) -> None:
        self.elapsed, self.samples_per_step, self._series = Elapsed(), samples, Series()
        self._series.extend(np.arange(steps), np.arange(steps, dtype=float))
        self.elapsed.extend(np.arange(steps), np.arange(steps) / 2)

    def series(self, metric: str) -> Series:
        return self._series

    def sight(self, name: str) -> None:
        return None

    def planned_lr(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        return steps


def shown(steps: int, state: str = "finished", total: int = 1000, samples: float = 64.0) -> Shown:
    return Shown(Curves(steps, samples), "run", Status(state, steps, total, steps_per_epoch=10.0))


def test_runs_differ_by_colour_and_letter_and_splits_by_dash() -> None:
    made = curves(Panel("loss", ("loss", "eval.loss")), [shown(10), shown(20)], Lens())
    assert [(c.name, c.style, c.letter, c.dash) for c in made] == [
        ("A", 0, "A", 0),
        ("A eval", 0, "A", 1),
        ("B", 1, "B", 0),
        ("B eval", 1, "B", 1),
    ]


def test_a_run_alone_has_a_colour_a_split_and_no_letter() -> None:
    made = curves(Panel("loss", ("loss", "eval.loss")), [shown(10)], Lens())
    assert [(c.name, c.style, c.letter, c.dash) for c in made] == [("train", 0, "", 0), ("eval", 1, "", 1)]


@pytest.mark.parametrize(
    ("mode", "end"), [("step", 400), ("epoch", 40), ("samples", 25_600), ("time", 199.5)]
)
def test_the_axis_holds_the_longest_run(mode: str, end: float) -> None:
    panel = Panel("loss", ("loss",))
    assert whole([panel], [shown(100), shown(400)], mode)[1] == pytest.approx(end)


def test_an_axis_that_a_run_does_not_know_gives_way_to_steps() -> None:
    assert x_mode([shown(10), shown(10)], "samples") == "samples"
    assert x_mode([shown(10), shown(10, samples=0.0)], "samples") == "step"


def test_the_legend_fits_any_width() -> None:
    runs = [shown(10), shown(10)]
    runs[0].name, runs[1].name = "short", "a-very-long-name-of-a-run lr=0.1"
    for width in range(12, 100):
        assert sum(len(text.rstrip()) for text, _ in legend(runs, width)) <= width
    assert "".join(text for text, _ in legend(runs, 60)).rstrip() == (
        "A short   B a-very-long-name-of-a-run lr=0.1"
    )
    assert legend(runs[:1], 60) == []
    runs[1].name = "猫の分類" * 4
    for width in range(12, 60):
        assert sum(cells(text.rstrip()) for text, _ in legend(runs, width)) <= width


def test_a_run_is_named_with_what_it_does_otherwise(three: list[Written]) -> None:
    called = names([run.run for run in three])
    assert called[1].startswith("digits-mlp-")
    assert called[1].endswith(" steps=600")
    assert called[0].count(" ") == 0


def test_a_fork_is_named_with_what_was_changed_before_where_it_comes_from(tmp_path: Path) -> None:
    parent = Written(tmp_path)
    raw = written.spec(1200).raw()
    raw["model"]["init"] = {"from": parent.run.id, "checkpoint": 300, "state": True}
    fork = tmp_path / "runs" / "20260101-000000-fork-digits-mlp-0000"
    fork.mkdir()
    (fork / "spec.toml").write_text(
        dumps(Spec({k: v for k, v in raw.items() if k != "preset"}, {"name": "x"}))
    )
    name = names([parent.run, Run(fork)])[1]
    assert name == f"fork-digits-mlp-0000 steps=1200 from {parent.run.id[16:]}@300"


def test_runs_of_the_same_preset_are_offered_first_and_the_newest_before_the_others(
    three: list[Written],
) -> None:
    found = offered(three[0].run)
    assert [one.line.path for one in found] == [three[2].run.path, three[1].run.path]
    assert all(one.related for one in found)


def board(pilot: Pilot[None]) -> ChartBoard:
    return pilot.app.screen.query_one(ChartBoard)


async def test_runs_are_added_by_search_and_taken_away_again(three: list[Written]) -> None:
    async with watching(three[0].run, (160, 50)) as pilot:
        await pilot.press("a")
        await settle_dialog(pilot)
        await pilot.press("enter", "down", "enter", "escape")
        await settle(pilot)
        text = "\n".join(rows(pilot))
        assert "A digits-mlp" in text
        assert "steps=2000" in text
        assert "steps=600" in text
        assert "── A " in text
        assert "╌╌ B eval" in text or "╌╌ C eval" in text
        assert board(pilot).whole()[1] >= 1000
        await pilot.press("a")
        await settle_dialog(pilot)
        await pilot.press("enter", "escape")
        await settle(pilot)
        assert "C digits-mlp" not in "\n".join(rows(pilot))
        await pilot.press("A")
        await settle(pilot)
        assert "A digits-mlp" not in "\n".join(rows(pilot))


async def settle_dialog(pilot: Pilot[None]) -> None:
    """Wait until the dialog that a key opens is there."""
    for _ in range(100):
        await pilot.pause(0.02)
        if pilot.app.screen.is_modal:
            break
    await pilot.pause()


async def test_a_live_run_beside_one_that_is_over_goes_on(three: list[Written]) -> None:
    app = Watch(three[0].run)
    async with app.run_test(size=(160, 50)) as pilot:
        app.push_screen(screen := RunScreen(three[0].run, [three[2].run]))
        await settle(pilot)
        assert screen.others.live
        (other,) = screen.others.shown
        await reaches(pilot, other, 699)
        three[2].advance(100)
        three[2].status("running")
        await reaches(pilot, other, 799)


async def reaches(pilot: Pilot[None], run: Shown, step: int) -> None:
    """Wait until a run has been read up to a step."""
    for _ in range(200):
        if run.source.series("loss").last_step == step:
            break
        await pilot.pause(0.02)
    assert run.source.series("loss").last_step == step


async def test_a_run_that_vanishes_stays_as_it_was_read(three: list[Written]) -> None:
    app = Watch(three[0].run)
    async with app.run_test(size=(160, 50)) as pilot:
        app.push_screen(screen := RunScreen(three[0].run, [three[1].run]))
        await settle(pilot)
        await reaches(pilot, screen.others.shown[0], 599)
        three[1].run.path.rename(three[1].run.path.with_name("elsewhere"))
        await settle(pilot)
        assert len(screen.others.shown[0].source.series("loss")) == 600
        assert "finished" in rows(pilot)[0]


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5), (2, 1), (200, 50)])
async def test_no_size_is_too_small_for_several_runs(three: list[Written], size: tuple[int, int]) -> None:
    app = Watch(three[0].run)
    async with app.run_test(size=size) as pilot:
        app.push_screen(RunScreen(three[0].run, [run.run for run in three[1:]]))
        await settle(pilot)
        await pilot.press("left", "x", "y", "z")
        await settle(pilot)
        assert rows(pilot)[0].strip()

"""What a run shows beside curves: spreads of weights, a confusion matrix, the way over a surface, probes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.ui import written
from tests.ui.test_run_screen import rows, settle, watching
from tests.ui.written import Written
from tuilab.tables import TableWriter
from tuilab.ui.screens.run_feed import Feed
from tuilab.ui.screens.run_panels import panels
from tuilab.ui.screens.run_samples import SampleLog


@pytest.fixture
def done(tmp_path: Path) -> Iterator[Written]:
    """A run that is over, with everything a probe can write."""
    run = written.finished(tmp_path)
    run.meta(
        layers=["fc1", "fc2"],
        activations=["relu"],
        classes=["cat", "dog", "cow"],
        surface={"window": [-2, 2, -1, 1], "minima": [[0, 0]], "start": [-1, 0.5]},
    )
    folder = run.run.path
    table(folder / "probes" / "sharpness.npy", (2,), [(0, (10.0, 600.0)), (500, (300.0, 700.0))])
    table(folder / "probes" / "noise_scale.npy", (3,), [(0, (64.0, 1.0, 64.0)), (500, (256.0, 0.5, 128.0))])
    table(folder / "layers" / "activation_mean.npy", (1,), [(0, (-0.5,)), (500, (0.5,))])
    counts = np.zeros((2, 34), np.float32)
    counts[:, :2], counts[:, 2:] = (-1.0, 1.0), 4.0
    wide = counts.copy()
    wide[0, :2] = (-3.0, 3.0)
    table(folder / "layers" / "weight_histogram.npy", (2, 34), [(0, counts), (500, wide)])
    (folder / "tables").mkdir()
    np.save(folder / "tables" / "eval-confusion.npy", np.array([[9, 1, 0], [0, 8, 2], [3, 0, 7]]))
    across, down = np.meshgrid(np.linspace(-2, 2, 161), np.linspace(1, -1, 97))
    np.save(folder / "tables" / "surface.npy", (across**2 + down**2).astype(np.float32))
    yield run
    run.close()


def table(path: Path, shape: tuple[int, ...], looks: list[tuple[int, object]]) -> None:
    """Write a table of looks."""
    path.parent.mkdir(exist_ok=True)
    block = np.zeros(len(looks), [("step", "<i8"), ("value", "<f4", shape)])
    for row, (step, value) in zip(block, looks, strict=True):
        row["step"], row["value"] = step, value
    writer = TableWriter(path, block.dtype)
    writer.append(block)
    writer.close()


def test_every_picture_has_a_chart_of_its_own(done: Written) -> None:
    found = Feed(done.run).look()
    assert found is not None
    titles = {panel.title: panel for panel in panels(found.metrics, found.meta)}
    assert titles["sharpness and the stability limit"].metrics == (
        "probes/sharpness",
        "probes/sharpness/limit",
    )
    assert "gradient noise scale, in samples" in titles
    assert {"weights of fc1", "weights of fc2", "confusion of eval", "way over the surface"} <= set(titles)
    assert titles["activation mean of each layer"].metrics == ("layers/activation_mean/relu",)
    shorts = [panel.short for panel in titles.values() if panel.heat]
    assert len(set(shorts)) == len(shorts), "tabs tell heat maps apart"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("weights fc1", "share of the values"),
        ("confusion", "24 of 30 right"),
        ("sharpness", "limit 700.0"),
        ("noise scale samples", "gradient noise scale"),
        ("activation mean", "symmetric"),
    ],
)
async def test_it_is_found_by_search(done: Written, words: str, shown: str) -> None:
    async with watching(done.run, (160, 50)) as pilot:
        await pilot.press("slash", *(key if key != " " else "space" for key in words), "enter", "escape")
        await settle(pilot)
        await pilot.press("5", "enter")
        await settle(pilot)
        assert shown in "\n".join(rows(pilot))
        await pilot.press("left", "y", "x", "x", "g")
        await settle(pilot)
        assert "finished" in rows(pilot)[0]


async def test_the_way_over_a_surface_is_drawn(tmp_path: Path, done: Written) -> None:
    path = done.run.path / "steps.npy"
    old = np.load(path)
    kind = np.dtype([*old.dtype.descr, ("x", "<f4"), ("y", "<f4")])
    fresh = np.zeros(len(old), kind)
    for name in old.dtype.names:
        fresh[name] = old[name]
    fresh["x"], fresh["y"] = np.linspace(-1, 0, len(old)), np.linspace(0.5, 0, len(old))
    path.unlink()
    writer = TableWriter(path, kind)
    writer.append(fresh)
    writer.close()
    async with watching(done.run, (160, 50)) as pilot:
        await pilot.press("2", "enter")
        await settle(pilot)
        text = "\n".join(rows(pilot))
        assert "way over the surface" in text
        assert "●" in text
        assert "█" in text


async def test_a_picture_of_something_else_is_not_drawn(done: Written) -> None:
    (done.run.path / "tables" / "eval-confusion.npy").write_bytes(b"no array")
    async with watching(done.run, (120, 40)) as pilot:
        await pilot.press("slash", *"confusion", "enter", "escape")
        await settle(pilot)
        await pilot.press("5", "enter")
        await settle(pilot)
        assert any("confusion of eval" in row for row in rows(pilot))


def test_a_run_tells_what_it_has_made_until_it_is_taken_back(tmp_path: Path) -> None:
    run = written.finished(tmp_path)
    run.tell("sample", 100, "To be or not", prompt="To be")
    run.tell("sample", 200, "ab -> AB (AB)", source="ab", guess="AB", target="AB")
    run.tell("sample", 200, "c -> D (C)", source="c", guess="D", target="C")
    run.tell("sample", 300, "pictures of another kind", pictures={"original": ["00zz"], "copy": ["0000"]})
    log, events = SampleLog(), run.run.events()
    log.take(events.read())
    newest = log.sight().looks
    assert [look.step for look in newest] == [100, 200, 300]
    assert newest[0].samples[0].given == len("To be")
    assert [(made.text, made.right) for made in newest[1].samples] == [
        ("ab -> AB", True),
        ("c -> D   (C)", False),
    ]
    assert newest[2].samples[0].text == "pictures of another kind"
    run.tell("resumed", 150, "taken up at step 150")
    log.take(events.read())
    assert [look.step for look in log.sight().looks] == [100]
    run.close()


async def test_samples_have_a_pane_of_their_own_and_the_cursor_goes_back_in_time(tmp_path: Path) -> None:
    run = written.finished(tmp_path)
    run.tell("sample", 100, "  |  ", pictures={"original": ["00ff", "ff00"], "copy": ["ffff", "ffff"]})
    run.tell("sample", 900, "a poem, nearly")
    async with watching(run.run, (120, 40)) as pilot:
        await pilot.press("t", "enter")
        await settle(pilot)
        text = rows(pilot)
        newest = next(at for at, row in enumerate(text) if "step 900" in row)
        assert "» a poem, nearly" in text[newest + 1]
        assert "step 100" in text[newest + 2]
        assert text[newest + 4].strip() == "██  ████"
        await pilot.press("left", "home")
        await settle(pilot)
        charts = "\n".join(rows(pilot)[:-8])
        assert "step 100" in charts
        assert "step 900" not in charts
    run.close()


async def test_a_run_without_samples_says_so(done: Written) -> None:
    async with watching(done.run, (120, 40)) as pilot:
        await pilot.press("t")
        await settle(pilot)
        assert any("no samples" in str(notice.message) for notice in pilot.app._notifications)

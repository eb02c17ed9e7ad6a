"""Tables that grow while others read them."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuilab.tables import Table, TableWriter

KIND = np.dtype([("step", "<i8"), ("loss", "<f4")])


def rows(first: int, count: int, scale: float = 0.5) -> Any:
    block = np.zeros(count, KIND)
    block["step"] = np.arange(first, first + count)
    block["loss"] = block["step"] * scale
    return block


def test_a_table_is_a_plain_numpy_file_from_the_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "steps.npy"
    writer = TableWriter(path, KIND)
    assert len(np.load(path, mmap_mode="r")) == 0
    assert len(np.load(path)) == 0
    writer.append(rows(0, 3))
    loaded = np.load(path, mmap_mode="r")
    assert loaded.dtype == KIND
    assert loaded["step"].tolist() == [0, 1, 2]
    writer.close()


def test_a_reader_may_be_there_before_the_table(tmp_path: Path) -> None:
    table = Table(tmp_path / "steps.npy")
    assert (len(table), list(table.columns)) == (0, ["step"])
    writer = TableWriter(tmp_path / "steps.npy", KIND)
    assert table.refresh() == 0
    writer.append(rows(0, 3))
    assert table.refresh() == 3
    assert list(table.columns) == ["step", "loss"]
    assert table["loss"].tolist() == [0.0, 0.5, 1.0]
    writer.close()


def test_a_table_is_taken_up_where_it_was_left(tmp_path: Path) -> None:
    path = tmp_path / "steps.npy"
    first = TableWriter(path, KIND)
    first.append(rows(0, 5))
    first.close()
    second = TableWriter(path, KIND)
    assert second.rows == 5
    second.rewind(3)
    second.append(rows(3, 1, scale=9.0))
    second.close()
    assert np.load(path)["loss"].tolist() == [0.0, 0.5, 1.0, 27.0]


def test_taking_rows_back_never_makes_the_file_shorter(tmp_path: Path) -> None:
    path = tmp_path / "steps.npy"
    writer = TableWriter(path, KIND)
    writer.append(rows(0, 10_000))
    size, mapped = path.stat().st_size, np.load(path, mmap_mode="r")
    writer.rewind(0)
    assert path.stat().st_size == size
    assert len(np.load(path, mmap_mode="r")) == 0
    assert mapped["step"][-1] == 9999  # who still has it mapped is not killed by a bus error
    writer.close()


def test_several_rows_of_one_step_are_taken_back_together(tmp_path: Path) -> None:
    writer = TableWriter(tmp_path / "evals.npy", KIND)
    block = rows(0, 6)
    block["step"] = [0, 0, 10, 10, 20, 20]
    writer.append(block)
    writer.rewind(10)
    assert np.load(tmp_path / "evals.npy")["step"].tolist() == [0, 0]
    writer.close()


def test_other_columns_are_refused(tmp_path: Path) -> None:
    TableWriter(tmp_path / "steps.npy", KIND).close()
    with pytest.raises(ValueError, match="other columns"):
        TableWriter(tmp_path / "steps.npy", np.dtype([("step", "<i8")]))


@pytest.mark.parametrize("kept", [0, 5, 60, 127])
def test_a_header_torn_by_a_crash_is_not_there_yet_and_is_written_anew(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "steps.npy"
    TableWriter(path, KIND).close()
    path.write_bytes(path.read_bytes()[:kept])
    assert Table(path).refresh() == 0
    writer = TableWriter(path, KIND)
    writer.append(rows(0, 2))
    assert np.load(path)["step"].tolist() == [0, 1]
    writer.close()


def test_a_torn_tail_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "steps.npy"
    writer = TableWriter(path, KIND)
    writer.append(rows(0, 3))
    writer.close()
    path.write_bytes(path.read_bytes()[:-5])
    assert Table(path).refresh() == 2


moves = st.lists(st.tuples(st.sampled_from(["append", "rewind"]), st.integers(0, 1200)), max_size=12)


@given(moves)
def test_readers_see_what_was_written_after_every_move(
    tmp_path_factory: Any, moves: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("table") / "steps.npy"
    writer, table, expected = TableWriter(path, KIND), Table(path), 0
    for move, amount in moves:
        if move == "append":
            writer.append(rows(expected, amount))
            expected += amount
        else:
            writer.rewind(amount)
            expected = min(expected, amount)
        assert table.refresh() == len(np.load(path, mmap_mode="r")) == expected
        assert table["step"].tolist() == list(range(expected))
    writer.close()


_WRITER = """
import random, sys, time
import numpy as np
from pathlib import Path
from tuilab.tables import TableWriter
kind = np.dtype([("step", "<i8"), ("loss", "<f4")])
writer, end = TableWriter(Path(sys.argv[1]), kind), time.monotonic() + float(sys.argv[2])
print("ready", flush=True)
while time.monotonic() < end:
    block = np.zeros(random.choice([1, 1, 3, 17]), kind)
    block["step"] = np.arange(writer.rows, writer.rows + len(block))
    block["loss"] = block["step"] * 0.5
    writer.append(block)
    if writer.rows > random.choice([11, 105, 1010, 100_100]):
        writer.rewind(random.choice([0, 9, 99, 999]))
"""


def test_thousands_of_readings_beside_a_writer_never_fail_and_never_show_half_a_row(tmp_path: Path) -> None:
    path = tmp_path / "steps.npy"
    TableWriter(path, KIND).close()
    arguments = [sys.executable, "-c", _WRITER, str(path), "3"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        table, readings, end = Table(path), 0, time.monotonic() + 2.5
        while time.monotonic() < end:
            loaded = np.load(path, mmap_mode="r")
            for last in (loaded[-1:], table.rows[-1:] if table.refresh() else loaded[-1:]):
                assert (last["loss"] == last["step"] * np.float32(0.5)).all()
            if len(loaded):
                assert loaded["step"][-1] == len(loaded) - 1
            readings += 1
        assert writer.wait() == 0
    assert readings > 50


def test_columns_may_be_called_anything_and_be_forty(tmp_path: Path) -> None:
    kind = np.dtype([("step", "<i8"), ("损失", "<f4"), *((f"{'long ' * 30}{n}", "<f4") for n in range(40))])
    writer = TableWriter(tmp_path / "steps.npy", kind)
    block = np.zeros(3, kind)
    block["损失"] = [1, 2, 3]
    writer.append(block)
    writer.rewind(1)
    writer.close()
    again = TableWriter(tmp_path / "steps.npy", kind)
    again.append(block)
    again.close()
    assert np.load(tmp_path / "steps.npy", mmap_mode="r")["损失"].tolist() == [1, 2, 3, 1, 2, 3]
    assert Table(tmp_path / "steps.npy")["损失"].tolist() == [1, 2, 3, 1, 2, 3]


def test_a_table_that_another_took_the_place_of_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "steps.npy"
    np.save(path, rows(0, 5))
    table = Table(path)
    assert table["loss"].tolist() == [0, 0.5, 1, 1.5, 2]
    other = np.zeros(5, [("step", "<i8"), ("other", "<f8"), ("loss", "<f4")])
    other["loss"] = 7
    np.save(tmp_path / "aside.npy", other)
    (tmp_path / "aside.npy").rename(path)
    assert (table.refresh(), table.replaced) == (5, 1)
    assert table["loss"].tolist() == [7] * 5


def test_what_is_no_table_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "steps.npy"
    header = "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (3,), }\n"
    for content in (
        b"hello",
        b"",
        b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode(),
    ):
        path.write_bytes(content + bytes(100))
        assert len(Table(path)) == 0


def test_rows_that_the_file_lost_are_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "steps.npy"
    np.save(path, rows(0, 100_000))
    table = Table(path)
    # Another process, for looking behind the end of a file's map would kill this one.
    look = (
        "import os, sys\nfrom pathlib import Path\nfrom tuilab.tables import Table\n"
        "path = Path(sys.argv[1])\n"
        "table = Table(path); os.truncate(path, path.stat().st_size // 2)\n"
        "print(table.backed()['loss'].sum())"
    )
    done = subprocess.run([sys.executable, "-c", look, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 0
    assert 49_000 < len(table.backed()) < 50_001
    path.unlink()
    assert len(table.backed()) == 100_000

"""What is typed for a model, and the files it names, become plain values."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tuilab.engine.inputs import read
from tuilab.engine.trained import Trained
from tuilab.engine.typed_inputs import from_words
from tuilab.errors import TuilabError


def test_files_are_read_as_inputs(trained: Callable[..., Trained], tmp_path: Path) -> None:
    model = trained("image")
    task = model.built.data.task
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    np.save(tmp_path / "one.npy", pixels)
    np.save(tmp_path / "three.npy", np.stack([pixels] * 3))
    (tmp_path / "grey.pgm").write_bytes(b"P5\n# a comment\n28 28\n255\n" + pixels.tobytes())
    words = [str(tmp_path / name) for name in ("one.npy", "three.npy", "grey.pgm")]
    values = from_words(words, task)
    assert len(values) == 5
    images = [read(value, task) for value in values]
    assert all(torch.equal(image, images[0]) for image in images)
    assert images[0].shape == (1, 28, 28)
    assert float(images[0].max()) <= 1
    np.save(tmp_path / "object.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "cut.pgm").write_bytes(b"P5 28 28 255 ab")
    for name, what in {
        "object.npy": "not a plain .npy",
        "cut.pgm": "ends before",
        "no.npy": "no file",
    }.items():
        with pytest.raises(TuilabError, match=what):
            from_words([str(tmp_path / name)], task)


def test_tables_are_read_as_inputs(trained: Callable[..., Trained], tmp_path: Path) -> None:
    task = trained("table").built.data.task
    names = ",".join(task.features)
    (tmp_path / "rows.csv").write_text(f"id,{names}\n1,{','.join(['0.5'] * 10)}\n2,{','.join(['1'] * 10)}\n")
    assert [read(value, task).tolist() for value in from_words([str(tmp_path / "rows.csv")], task)] == [
        [0.5] * 10,
        [1.0] * 10,
    ]
    assert from_words([f"{name}=1" for name in task.features], task) == [dict.fromkeys(task.features, 1.0)]
    assert from_words(["1"] * 10, task) == [[1.0] * 10]
    assert from_words(["-1,2e-3", "3,4"], task) == [[-1.0, 0.002], [3.0, 4.0]]
    (tmp_path / "rows.csv").write_text("age,sex\n1,2\n")
    with pytest.raises(TuilabError, match="has no column bmi"):
        from_words([str(tmp_path / "rows.csv")], task)
    with pytest.raises(TuilabError, match="'what' is nothing this model reads"):
        from_words(["what"], task)
    with pytest.raises(TuilabError, match="age: 'old' is not a number"):
        from_words(["age=old"], task)

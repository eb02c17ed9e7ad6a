"""A cache filled with a few rows of every fetched data set, in the format of the real files.

With it the contract tests run over the fetched sets without any network. What
is real about them, sizes and hashes, is held by `test_datasets_fetched`.
"""

import gzip
import json
import random
import struct
from pathlib import Path

import numpy as np

from tuilab.zoo.registries import datasets
from tuilab.zoo.sources import idx

_RANDOM = random.Random(0)
_NUMBERS = np.random.default_rng(0)


def fill(cache: Path) -> None:
    """Write the files, and note each as verified."""
    for name, files in _minis().items():
        folder = cache / name
        folder.mkdir(parents=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        states = {path.name: [path.stat().st_size, path.stat().st_mtime_ns] for path in folder.iterdir()}
        (folder / "verified.json").write_text(json.dumps(states))


def _minis() -> dict[str, dict[str, bytes]]:
    pictures = dict(zip(idx.PARTS, [*_idx(80), *_idx(20)], strict=True))
    return {
        "mnist": pictures,
        "fashion-mnist": pictures,
        "kmnist": pictures,
        "mnist-5k": {"mnist_5k.csv.gz": gzip.compress(_digits(60))},
        "cifar10": {name: _cifar(20, 1) for name in (*_batches(), "test_batch.bin")},
        "cifar100": {"train.bin": _cifar(80, 2), "test.bin": _cifar(20, 2)},
        "tiny-shakespeare": {"input.txt": _prose(30_000)},
        "shakespeare": {"shakespeare.txt": _prose(30_000)},
        "wikitext-2": {f"wiki.{part}.raw": _prose(9_000) for part in ("train", "valid", "test")},
        "imdb": {"train.tsv": _labelled(range(80)), "test.tsv": _labelled(range(80, 99))},
        "sst2": {"train.tsv": _sentences(range(80)), "dev.tsv": _sentences(range(80, 99))},
        "tweets": {"tweets.csv": _tweets(range(100))},
        "cmudict": {"cmudict.dict": _dictionary(range(100)), "LICENSE": b"BSD"},
        "diamonds": {"diamonds.csv": _diamonds(100)},
        "fineweb": {
            "fineweb_val_000000.bin": _shard(20_000),
            **{f"fineweb_train_{number:06}.bin": _shard(10_000) for number in range(1, 104)},
        },
        "gpt2-vocabulary": {"encoder.json": json.dumps({"T": 51, "he": 258, "Ġ": 220, "Ġw": 266}).encode()},
    }


def _idx(rows: int) -> list[bytes]:
    images = struct.pack(">4I", 0x803, rows, 28, 28) + _bytes(rows * 784)
    return [images, struct.pack(">2I", 0x801, rows) + bytes(row % 10 for row in range(rows))]


def _bytes(count: int) -> bytes:
    return _NUMBERS.integers(0, 256, count, dtype=np.uint8).tobytes()


def _digits(rows: int) -> bytes:
    pixels = _NUMBERS.integers(0, 256, (rows, 784))
    return "".join(
        ",".join(map(str, [*row, number % 10])) + "\n" for number, row in enumerate(pixels.tolist())
    ).encode()


def _batches() -> list[str]:
    return [f"data_batch_{number}.bin" for number in range(1, 6)]


def _cifar(rows: int, labels: int) -> bytes:
    return b"".join(bytes([row % 10] * labels) + _bytes(3072) for row in range(rows))


def _prose(characters: int) -> bytes:
    words = ["to", "be", "or", "not", "that", "is", "question", "whether", "ROMEO:", "JULIET.", "1945"]
    text = " ".join(_RANDOM.choice(words) for _ in range(characters))
    return text[:characters].encode()


def _text(number: int) -> str:
    """Return a text of its own for each number, out of two words."""
    return " ".join("good" if number >> bit & 1 else "bad" for bit in range(8))


def _labelled(numbers: range) -> bytes:
    return "".join(f"{number % 2}\t{_text(number)}\n" for number in numbers).encode()


def _sentences(numbers: range) -> bytes:
    lines = "".join(f"{_text(number)} \t{number % 2}\n" for number in numbers)
    return ("sentence\tlabel\n" + lines).encode()


def _tweets(numbers: range) -> bytes:
    moods = ("negative", "neutral", "positive")
    lines = "".join(f'{moods[number % 3]},0.9,"@someone {_text(number)}"\n' for number in numbers)
    return ("sentiment,confidence,text\n" + lines).encode("latin-1")


def _dictionary(numbers: range) -> bytes:
    def word(number: int) -> str:
        return "".join("ab"[number >> bit & 1] for bit in range(7))

    lines = [f"{word(number)} {' '.join(word(number).upper())} # a remark" for number in numbers]
    return "\n".join([*lines, "a(2) EY1", "'bout B AW1 T"]).encode()


def _diamonds(rows: int) -> bytes:
    looks = (("Ideal", "E", "SI2"), ("Fair", "J", "IF"), ("Good", "D", "VS1"))
    lines = []
    for number in range(rows):
        cut, color, clarity = looks[number % 3]
        size = f"{3 + number % 7},{4 + number % 5},{2 + number % 4}"
        shape = f"{60 + number % 11},{55 + number % 6}"
        lines.append(f'{number / 100},"{cut}","{color}","{clarity}",{shape},{300 + 7 * number},{size}')
    heading = '"carat","cut","color","clarity","depth","table","price","x","y","z"'
    return "\n".join([heading, *lines, lines[0], ""]).encode()


def _shard(tokens: int) -> bytes:
    header = np.zeros(256, dtype="<i4")
    header[:3] = (20240520, 1, tokens)
    return header.tobytes() + _NUMBERS.integers(0, 50_257, tokens, dtype=np.uint16).tobytes()


def test_every_fetched_data_set_has_a_miniature(tmp_path: Path) -> None:
    fill(tmp_path)
    fetched = {entry.name for entry in datasets if not entry.card.facts["at_hand"]}
    assert fetched
    assert fetched <= {path.name for path in tmp_path.iterdir()}

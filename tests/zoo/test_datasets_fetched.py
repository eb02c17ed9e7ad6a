"""What is particular to fetched data sets: formats, cleaning, vocabularies, and the real files."""

import gzip
import hashlib
import json
import math
import os
import shutil
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.zoo.test_datasets_minis import fill
from tuilab.errors import TuilabError
from tuilab.zoo.data import Data, Request
from tuilab.zoo.datasets import fineweb, imdb, tweets
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources import cifar, gpt2_vocabulary, idx
from tuilab.zoo.sources.archive import Archive
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.shards import ShardSplit, mapped
from tuilab.zoo.sources.texts import TextClassification, Tokenizer, tokens_of
from tuilab.zoo.splits import TensorSplit
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.seq2seq import Seq2Seq

_SPLITS = ("train", "eval", "test")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data")
    fill(path)
    return path


def _labels(data: Data) -> torch.Tensor:
    parts = [data.split(name) for name in _SPLITS]
    return torch.cat([part.y for part in parts if isinstance(part, TensorSplit)])


def test_pixels_and_labels_come_out_as_they_went_in(cache: Path) -> None:
    data = datasets["mnist"].build(Request(cache=cache))
    raw = (cache / "mnist" / "t10k-images-idx3-ubyte").read_bytes()[16:]
    test = data.test
    assert isinstance(test, TensorSplit)
    assert (test.x * 255).round().byte().numpy().tobytes() == raw
    assert test.y.tolist() == [row % 10 for row in range(20)]
    assert [data.split(name).rows for name in _SPLITS] == [72, 8, 20]


def test_cifar_reads_colour_by_colour_and_the_fine_label(tmp_path: Path) -> None:
    pixels = np.arange(2 * 3072, dtype=np.uint8).reshape(2, 3, 32, 32)
    rows = b"".join(bytes([7, label]) + image.tobytes() for label, image in zip((3, 99), pixels, strict=True))
    (tmp_path / "train.bin").write_bytes(rows)
    x, y = cifar.read(tmp_path / "train.bin", labels=2)
    assert y.tolist() == [3, 99]
    assert (x.numpy() == pixels).all()
    (tmp_path / "train.bin").write_bytes(rows[:-1])
    with pytest.raises(TuilabError, match="are not whole rows"):
        cifar.read(tmp_path / "train.bin", labels=2)


def test_a_file_that_is_no_idx_is_refused(tmp_path: Path) -> None:
    for content, said in (
        (b"\x89PNG....", "is not an IDX"),
        (b"\0\0\x08\x01\0\0\0\x09abc", "3 values in place"),
    ):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(TuilabError, match=said):
            idx.read(tmp_path / "file")


def test_the_vocabulary_is_that_of_the_training_part() -> None:
    tokenizer = Tokenizer.fitted(["a b b c", "b c d"], "words", size=2, length=4)
    assert tokenizer.vocabulary[2:] == ("b", "c")
    rows = tokenizer.encode(["c b a", "", "b c b c b"])
    assert rows.tolist() == [[3, 2, 1, 0], [1, 0, 0, 0], [2, 3, 2, 3]]
    assert tokenizer.decode(rows[0].tolist()) == "c b �"


def test_words_keep_apostrophes_names_and_signs() -> None:
    assert tokens_of("Don't @Me: it's #1 :)", "words") == ["don't", "@me", ":", "it's", "#1", ":", ")"]


def test_texts_can_be_characters(cache: Path) -> None:
    data = datasets["sst2"].build(Request(cache=cache), unit="characters", length=50)
    assert isinstance(data.task, TextClassification)
    x, _ = data.train.take(torch.tensor([0]))
    assert set(data.task.decode(x[0].tolist())) <= set("god ba")


def test_tweets_lose_names_links_and_repeats(tmp_path: Path) -> None:
    lines = [
        'positive,1,"@Ann see http://t.co/x1 it is good!"',
        'negative,1,"RT @bob: see http://t.co/y2 it is GOOD"',
        'neutral,1,"@someone http://t.co/z"',
        'negative,0.5,"It is Õ bad, ""really"""',
    ]
    (tmp_path / "tweets.csv").write_text("sentiment,confidence,text\n" + "\n".join(lines), encoding="latin-1")
    texts, labels = tweets.read(tmp_path / "tweets.csv")
    assert texts == ["@user see link it is good!", 'It is Õ bad, "really"']
    assert labels.tolist() == [2, 0]


def test_imdb_becomes_lines_in_the_order_of_the_reviews_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imdb, "_EACH", 2)
    folder = tmp_path / "aclImdb"
    for part in ("train", "test"):
        for kind in ("pos", "neg", "unsup"):
            (folder / part / kind).mkdir(parents=True)
            for name in ("10_7.txt", "9_1.txt"):
                (folder / part / kind / name).write_text(f"{kind} {name}<br /><br />a\tb\n")
    (tmp_path / "out").mkdir()
    imdb._as_lines(Archive(tmp_path), tmp_path / "out")
    texts, labels = imdb.read(tmp_path / "out" / "train.tsv")
    assert texts == ["neg 9_1.txt a b", "neg 10_7.txt a b", "pos 9_1.txt a b", "pos 10_7.txt a b"]
    assert labels.tolist() == [0, 0, 1, 1]
    (folder / "test" / "pos" / "9_1.txt").unlink()
    with pytest.raises(Failure, match="1 reviews of test/pos, not 2"):
        imdb._as_lines(Archive(tmp_path), tmp_path / "out")


def test_wikitext_knows_the_letters_of_train_and_bytes_know_all(tmp_path: Path) -> None:
    folder = tmp_path / "wikitext-2"
    fill(tmp_path)
    (folder / "wiki.test.raw").write_text("é" * 2000, encoding="utf-8")
    states = {path.name: [path.stat().st_size, path.stat().st_mtime_ns] for path in folder.glob("wiki*")}
    (folder / "verified.json").write_text(json.dumps(states))
    data = datasets["wikitext-2"].build(Request(cache=tmp_path), context=8)
    assert isinstance(data.task, LanguageModel)
    x, _ = data.test.take(data.test.order(None)[:1])
    assert data.task.decode(x[0].tolist()) == "�" * 8
    data = datasets["wikitext-2"].build(Request(cache=tmp_path), context=8, unit="bytes")
    x, _ = data.test.take(data.test.order(None)[:1])
    assert bytes(x[0].tolist()).decode() == "é" * 4


def test_cmudict_shows_phonemes_apart(cache: Path) -> None:
    data = datasets["cmudict"].build(Request(cache=cache))
    assert isinstance(data.task, Seq2Seq)
    source, target = data.task.examples[0]
    assert data.task.target_text(list(target)) == " ".join(data.task.source_text(list(source)).upper())


def test_shards_are_never_loaded_whole(tmp_path: Path) -> None:
    header = np.zeros(256, dtype="<i4")
    header[:3] = (20240520, 1, 20_000_000)
    with (tmp_path / "shard.bin").open("wb") as file:
        file.write(header.tobytes())
        file.truncate(1024 + 40_000_000)
    tracemalloc.start()
    split = ShardSplit((mapped(tmp_path / "shard.bin"),), 1024)
    x, _ = split.take(split.order(torch.Generator().manual_seed(0))[:8])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert x.shape == (8, 1024)
    assert peak < 1_000_000


def test_windows_over_shards_stay_inside_one_and_visit_every_token_once() -> None:
    shards = tuple(np.arange(start, start + size, dtype=np.uint16) for start, size in ((0, 50), (100, 35)))
    split = ShardSplit(shards, context=5)
    for seed in range(20):
        order = split.order(torch.Generator().manual_seed(seed))
        x, y = split.take(order)
        assert (y - x == 1).all()
        assert len(x.unique()) == x.numel() == split.rows * 5
    assert torch.equal(split.limited(3).take(split.order(None)[:3])[0], split.take(split.order(None)[:3])[0])
    assert split.limited(10).rows == 10


def test_a_cut_shard_is_refused(cache: Path, tmp_path: Path) -> None:
    whole = (cache / "fineweb" / "fineweb_val_000000.bin").read_bytes()
    for content, said in (
        (whole[:-2], r"19,999 tokens in place of 20,000"),
        (b"x" * 2000, "not a file of GPT-2"),
    ):
        (tmp_path / "shard.bin").write_bytes(content)
        with pytest.raises(TuilabError, match=said):
            mapped(tmp_path / "shard.bin")


def test_shards_of_ones_own_are_read_where_they_lie(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUILAB_MIRROR_GPT2_VOCABULARY", str(tmp_path / "nothing"))
    shutil.copytree(cache / "fineweb", tmp_path / "mine")
    request = Request(cache=tmp_path / "data", path=str(tmp_path / "mine"))
    data = datasets["fineweb"].build(request, context=64)
    assert isinstance(data.train, ShardSplit)
    assert data.notes["token texts"].startswith("could not be had")
    assert not (tmp_path / "data" / "fineweb").exists()
    (tmp_path / "mine" / "fineweb_train_000001.bin").unlink()
    with pytest.raises(TuilabError, match=r"data\.path: .* does not hold fineweb_train_000001\.bin"):
        datasets["fineweb"].build(request)
    for number in range(20, 40):
        (tmp_path / "mine" / f"fineweb_train_{number:06}.bin").unlink()
    with pytest.raises(
        TuilabError, match=r"000020\.bin, \.\.\., fineweb_train_000039\.bin\. .* set data\.shards to"
    ):
        datasets["fineweb"].build(request, shards=103)


def test_shards_are_verified_by_the_hashes_of_the_hub(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = tmp_path / "hub"
    files = hub / "datasets" / fineweb._REPOSITORY / "resolve" / fineweb._REVISION
    listed = hub / "api" / "datasets" / fineweb._REPOSITORY / "tree" / fineweb._REVISION
    listed.parent.mkdir(parents=True)
    files.mkdir(parents=True)
    entries = []
    for name in fineweb._names(1):
        content = (cache / "fineweb" / name).read_bytes()
        (files / name).write_bytes(content)
        oid = hashlib.sha256(content).hexdigest()
        entries.append({"path": name, "lfs": {"oid": oid, "size": len(content)}})
    listed.write_text(json.dumps([{"path": "README.md"}, *entries]))
    monkeypatch.setenv("HF_ENDPOINT", hub.as_uri())
    shutil.copytree(cache / "gpt2-vocabulary", tmp_path / "data" / "gpt2-vocabulary")
    data = datasets["fineweb"].build(Request(cache=tmp_path / "data"), context=64)
    assert data.notes["tokens"] == "10,000"
    (files / fineweb._names(1)[1]).write_bytes(content[:-1] + b"x")
    shutil.rmtree(tmp_path / "data" / "fineweb")
    with pytest.raises(TuilabError, match="another file: its SHA-256 is wrong"):
        datasets["fineweb"].build(Request(cache=tmp_path / "data"), context=64)


def test_where_the_hub_does_not_answer_the_shards_are_named_that_would_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", (tmp_path / "nothing").as_uri())
    with pytest.raises(TuilabError) as caught:
        datasets["fineweb"].build(Request(cache=tmp_path / "data"), shards=20)
    message = str(caught.value)
    assert message.startswith("data.name: fineweb cannot be had. Tried in turn:\n  - file://")
    assert "bring fineweb_val_000000.bin, fineweb_train_000001.bin, ..., fineweb_train_000020.bin" in message
    assert "set TUILAB_MIRROR_FINEWEB to" in message


def test_gpt2_tokens_read_as_text(cache: Path) -> None:
    task = datasets["fineweb"].build(Request(cache=cache)).task
    assert isinstance(task, LanguageModel)
    assert task.encode("The w The") == [51, 258, 266, 220, 51, 258]
    assert task.decode([51, 258, 266]) == "The w"


@pytest.mark.parametrize(("texts", "expected"), [(("", "ab", "cdef"), 3), ((), math.nan)])
def test_bits_per_character_go_by_what_the_tokens_say(
    texts: tuple[str, ...], expected: float, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(cache / "fineweb", tmp_path / "data" / "fineweb")
    if not texts:
        monkeypatch.setenv("TUILAB_MIRROR_GPT2_VOCABULARY", str(tmp_path / "nothing"))
    else:
        monkeypatch.setattr(gpt2_vocabulary, "texts", lambda _: texts)
        monkeypatch.setattr(fineweb, "mapped", lambda _: np.array([1, 2] * 200, np.uint16))
    task = datasets["fineweb"].build(Request(cache=tmp_path / "data"), context=16).task
    assert isinstance(task, LanguageModel)
    score = task.score(torch.nn.Identity(), torch.device("cpu"))
    score.update(torch.zeros(4, 8), torch.zeros(4, dtype=torch.int64), torch.tensor(1.0))
    assert score.result()["bits_per_character"] == pytest.approx(3 / expected, nan_ok=True)


REAL = {
    "mnist": ([6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958], [54_000, 6_000, 10_000]),
    "mnist-5k": ([500] * 10, [3_600, 400, 1_000]),
    "tweets": ([15_172, 13_310, 6_382], [25_102, 2_789, 6_973]),
}


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that the real data are fetched to, once for all tests; kept where TUILAB_TEST_DATA says so."""
    return Path(os.environ.get("TUILAB_TEST_DATA") or tmp_path_factory.mktemp("fetched"))


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_the_real_classes_are_as_published(name: str, fetched: Path) -> None:
    data = datasets[name].build(Request(cache=fetched))
    counts, rows = REAL[name]
    assert _labels(data).bincount().tolist() == counts
    assert [data.split(part).rows for part in _SPLITS] == rows


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows", "tokens"),
    [("shakespeare", 79_015, 84), ("cmudict", 117_493, 27), ("diamonds", 53_769, 0)],
)
def test_the_real_data_are_as_many_as_published(name: str, rows: int, tokens: int, fetched: Path) -> None:
    data = datasets[name].build(Request(cache=fetched))
    assert sum(data.split(part).rows for part in _SPLITS) == rows
    assert data.task.tokens == tokens


@pytest.mark.slow
def test_mnist_is_read_from_the_cache_within_a_second(fetched: Path) -> None:
    datasets["mnist"].build(Request(cache=fetched))
    start = time.perf_counter()
    datasets["mnist"].build(Request(cache=fetched))
    assert time.perf_counter() - start < 1


def test_a_packed_csv_of_digits_is_read(cache: Path) -> None:
    line = gzip.decompress((cache / "mnist-5k" / "mnist_5k.csv.gz").read_bytes()).split(b"\n")[0]
    data = datasets["mnist-5k"].build(Request(cache=cache))
    images = torch.cat([data.split(name).take(data.split(name).order(None))[0] for name in _SPLITS])
    wanted = torch.tensor([int(value) for value in line.split(b",")[:-1]]) / 255
    assert any(torch.equal(image.flatten(), wanted) for image in images)

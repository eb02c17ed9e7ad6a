"""Words rated by people from very negative to very positive: sentiment, letter by letter."""

import torch

from tuilab.zoo import vendored
from tuilab.zoo.data import Data, Request, three_way
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.texts import Labelled, chosen, classified

_SHA256 = "fee3e8845acb2d8da0a8082df72b54708aabc7492bfb78da44719d1e70b91a59"

_CLASSES = ("negative", "neutral", "positive")

_CLEAR = 0.5
"""A mean rating from here on counts as a sentiment; ratings go from -4 to 4."""

_LENGTH = 20
"""The longest word has 19 characters."""

_SYMBOLS = 100
"""More than the 67 characters that occur."""


@datasets.register(
    "valence",
    source="https://ojs.aaai.org/index.php/ICWSM/article/view/14550",
    task="classification",
    licence="MIT",
    rows=7_506,
    unit="words",
    shape=[_LENGTH],
    classes=list(_CLASSES),
    bytes=30_937,
    at_hand=True,
    where="in the package",
)
def valence(request: Request) -> Data:
    """Words, smileys and slang as ten people rated them: negative, neutral or positive.

    The 7,520 entries of VADER (Hutto and Gilbert 2014); fourteen stand there
    twice and get the mean of both ratings, so 7,506 are left. A mean within 0.5
    of nothing is neutral: 3,000 positive, 3,800 negative and 700 neutral ones. The
    input is the word's characters, so a model learns what -less, un- and :( mean.
    """
    words, labels = read()
    train, held, test = three_way(len(words), request.seed, request.split)
    parts = (chosen(words, labels, train), chosen(words, labels, held), chosen(words, labels, test))
    return classified(parts, _CLASSES, unit="characters", vocabulary=_SYMBOLS, length=_LENGTH)


def read() -> Labelled:
    """Return each word once, and its class number."""
    ratings: dict[str, list[float]] = {}
    for line in vendored.read("valence.tsv.gz", _SHA256).decode().splitlines():
        word, rating = line.split("\t")
        ratings.setdefault(word, []).append(float(rating))
    means = torch.tensor([sum(each) / len(each) for each in ratings.values()])
    return list(ratings), 1 + (means >= _CLEAR).long() - (means <= -_CLEAR).long()

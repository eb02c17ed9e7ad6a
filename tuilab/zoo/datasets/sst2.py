"""SST-2: sentences from film reviews, liked or not."""

from pathlib import Path
from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, two_way
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.texts import Labelled, Size, Units, chosen, classified

_CLASSES = ("negative", "positive")

MATERIAL = Material(
    "sst2",
    files=(File("train.tsv"), File("dev.tsv")),
    downloads=(
        Download(
            "SST-2.zip",
            7_439_277,
            "d67e16fb55739c1b32cdce9877596db1c127dc322d93c082281f64057c16deaa",
            {name: (f"SST-2/{name}",) for name in ("train.tsv", "dev.tsv")},
        ),
    ),
    mirrors=("https://dl.fbaipublicfiles.com/glue/data/{f}",),
    notice="SST-2 comes under the terms of GLUE, which state no licence for it; cite Socher et al. 2013.",
)


@datasets.register(
    "sst2",
    source="https://aclanthology.org/D13-1170/",
    task="classification",
    licence="none stated; cite Socher et al. 2013",
    rows=68_221,
    unit="phrases",
    shape=[56],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def sst2(
    request: Request,
    *,
    unit: Units = "words",
    vocabulary: Size = 20_000,
    length: Annotated[int, Knob("tokens in a row; longer texts are cut off", 1, 10_000)] = 56,
) -> Data:
    """Sentences from film reviews and phrases of them: 67,349 to learn from, two classes.

    Socher et al. 2013, as GLUE gives it. GLUE keeps the labels of its test
    part, so its 872 whole sentences of validation are the test here, and eval
    is cut from train. Phrases of one sentence may stand in train and in eval:
    only the test is on sentences that were never seen. Kim's convolutional
    network with random word vectors reads 82.7 % of its sentences (2014).
    """
    folder = obtain(MATERIAL, request)
    texts, labels = read(folder / "train.tsv")
    kept, held = two_way(len(texts), request.seed, request.split)
    parts = (chosen(texts, labels, kept), chosen(texts, labels, held), read(folder / "dev.tsv"))
    return classified(parts, _CLASSES, unit=unit, vocabulary=vocabulary, length=length)


def read(path: Path) -> Labelled:
    """Return the sentences of one part, and whether each praises; the first line is a heading."""
    lines = path.read_text(encoding="utf-8").split("\n")[1:]
    rows = [line.rpartition("\t") for line in lines if line]
    return [text.strip() for text, _, _ in rows], torch.tensor([int(label) for _, _, label in rows])

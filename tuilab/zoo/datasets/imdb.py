"""IMDB: film reviews, liked or not."""

import re
from pathlib import Path
from typing import Annotated

import torch

from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request, two_way
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.archive import Archive
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.texts import Labelled, Size, Units, chosen, classified

_CLASSES = ("negative", "positive")

_MEMBER = re.compile(r"aclImdb/(train|test)/(neg|pos)/(\d+)_\d+\.txt")
"""Number and stars of a review; there are 12,500 of each kind in each part."""

_EACH = 12_500
_BREAK = re.compile(r"(?:<br ?/?>|\s)+")
"""Line breaks and other space: one blank, so that a review is a line."""


def _as_lines(archive: Archive, folder: Path) -> None:
    """Write each part as lines of label and review: 50,000 small files would take seconds to read."""
    found: dict[tuple[str, str], dict[int, str]] = {
        (part, kind): {} for part in ("train", "test") for kind in ("neg", "pos")
    }
    for name, member in archive.walk(lambda name: _MEMBER.fullmatch(name) is not None):
        part, kind, number = _MEMBER.fullmatch(name).groups()  # type: ignore[union-attr]
        found[part, kind][int(number)] = _BREAK.sub(" ", member.read().decode("utf-8")).strip()
    for key, reviews in found.items():
        if len(reviews) != _EACH:
            raise Failure(
                archive.name, f"it holds {len(reviews):,} reviews of {'/'.join(key)}, not {_EACH:,}"
            )
    for part in ("train", "test"):
        lines = [
            f"{label}\t{found[part, kind][number]}\n"
            for label, kind in enumerate(("neg", "pos"))
            for number in sorted(found[part, kind])
        ]
        (folder / f"{part}.tsv").write_text("".join(lines), encoding="utf-8", newline="\n")


MATERIAL = Material(
    "imdb",
    files=(File("train.tsv"), File("test.tsv")),
    downloads=(
        Download(
            "aclImdb_v1.tar.gz",
            84_125_825,
            "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
            {"train.tsv": (), "test.tsv": ()},
            make=_as_lines,
        ),
    ),
    mirrors=("https://ai.stanford.edu/~amaas/data/sentiment/{f}",),
    notice="The IMDB reviews state no licence; their authors ask to cite Maas et al. 2011.",
)


@datasets.register(
    "imdb",
    source="https://aclanthology.org/P11-1015/",
    task="classification",
    licence="none stated; cite Maas et al. 2011",
    rows=50_000,
    unit="reviews",
    shape=[256],
    classes=list(_CLASSES),
    **MATERIAL.facts,
)
def imdb(
    request: Request,
    *,
    unit: Units = "words",
    vocabulary: Size = 20_000,
    length: Annotated[int, Knob("tokens in a row; longer texts are cut off", 1, 10_000)] = 256,
) -> Data:
    """Film reviews from IMDB: 50,000, half of them praise, half not; two classes.

    Maas et al. 2011. The 25,000 of the official test part are about other
    films than those of the training part. A bag of words reaches 88 %.
    """
    folder = obtain(MATERIAL, request)
    texts, labels = read(folder / "train.tsv")
    kept, held = two_way(len(texts), request.seed, request.split)
    parts = (chosen(texts, labels, kept), chosen(texts, labels, held), read(folder / "test.tsv"))
    return classified(parts, _CLASSES, unit=unit, vocabulary=vocabulary, length=length)


def read(path: Path) -> Labelled:
    """Return the reviews of one part, and whether each praises."""
    rows = [line.partition("\t") for line in path.read_text(encoding="utf-8").split("\n") if line]
    return [text for _, _, text in rows], torch.tensor([int(label) for label, _, _ in rows])

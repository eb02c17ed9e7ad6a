"""What GPT-2's tokens say: a list that is fetched once, so that samples can be read."""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tuilab.zoo.data import Request
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.tasks.language_model import LanguageModel

TOKENS = 50_257
"""256 bytes, 50,000 merges and the end of a text."""

_SIZE = 1_042_301
_SHA256 = "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"
_FILE = File("encoder.json", _SIZE, _SHA256)

MATERIAL = Material(
    "gpt2-vocabulary",
    files=(_FILE,),
    downloads=(Download("encoder.json", _SIZE, _SHA256, {_FILE.name: (_FILE.name,)}),),
    mirrors=(
        "https://openaipublic.blob.core.windows.net/gpt-2/encodings/main/{f}",
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/{f}",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Gpt2Text(LanguageModel):
    """A language model over GPT-2's tokens: a prompt becomes the longest tokens that fit."""

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.vocabulary), default=0)

    def encode(self, text: str) -> list[int]:
        """Return token numbers, each the longest that fits; nearly always those of GPT-2's own merges."""
        tokens: list[int] = []
        while text:
            size = next((n for n in range(self._longest, 0, -1) if text[:n] in self._numbers), 0)
            if size:
                tokens.append(self._numbers[text[:size]])
            text = text[max(size, 1) :]
        return tokens


def texts(request: Request) -> tuple[str, ...]:
    """Return the text of each token; bytes that are no whole letter show as a replacement character.

    Raises:
        TuilabError: the list cannot be had.
    """
    numbers: dict[str, int] = json.loads((obtain(MATERIAL, request) / _FILE.name).read_text(encoding="utf-8"))
    letters = _bytes_of_letters()
    found = [""] * TOKENS
    for text, number in numbers.items():
        raw = bytes(letters[letter] for letter in text if letter in letters)
        found[number] = raw.decode("utf-8", errors="replace")
    return tuple(found)


def characters_per_token(vocabulary: tuple[str, ...], tokens: NDArray[np.uint16]) -> float:
    """Return how many characters a token of a stream stands for on average."""
    lengths = np.array([len(text) for text in vocabulary])
    return float(lengths[tokens].mean())


def _bytes_of_letters() -> dict[str, int]:
    """Return the letters that stand for bytes in the list: those in print for themselves, as GPT-2 chose."""
    printed = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in printed]
    letters = {chr(byte): byte for byte in printed}
    return letters | {chr(256 + number): byte for number, byte in enumerate(hidden)}

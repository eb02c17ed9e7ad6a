"""FineWeb as GPT-2 tokens: as much of the web as a language model can read, shard by shard."""

import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from tuilab.errors import TuilabError
from tuilab.knobs import Knob
from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources import gpt2_vocabulary
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.obtain import CannotBeHad, obtain, shortened
from tuilab.zoo.sources.shards import ShardSplit, check_windows, mapped
from tuilab.zoo.sources.store import Store
from tuilab.zoo.sources.watch import NotAtHand, Stopped, current

_REPOSITORY = "kjj0/fineweb10B-gpt2"
_REVISION = "889765ea1f903759787add96995d81171b632d0c"

_VALIDATION = "fineweb_val_000000.bin"
_SHARD_BYTES = 200_001_024
"""Of a shard: a header and 100 million tokens of two bytes."""
_SHARDS = 103

_HELD = 10_485_760
"""Tokens of the validation shard that eval reads, as in modded-nanogpt; test reads as many after them."""

_COUNTED = 1_000_000
"""Tokens of the validation shard whose characters are counted: enough for a mean to three digits."""

_PROMPTS = ("The ", "In 2019, ", "Once upon a time")


def _names(shards: int) -> tuple[str, ...]:
    return (_VALIDATION, *(f"fineweb_train_{number:06}.bin" for number in range(1, shards + 1)))


def _material(shards: int, published: dict[str, tuple[int, str]]) -> Material:
    """Return what so many shards need; sizes and hashes as far as they are published."""
    known = {name: published.get(name, (0, "")) for name in _names(shards)}
    return Material(
        "fineweb",
        files=tuple(File(name, *about) for name, about in known.items()),
        downloads=tuple(Download(name, *about, {name: (name,)}) for name, about in known.items()),
        mirrors=(f"https://huggingface.co/datasets/{_REPOSITORY}/resolve/{_REVISION}/{{f}}",),
    )


_LIST = Material(
    "fineweb-list",
    files=(File("files.json"),),
    downloads=(Download(_REVISION, 0, "", {"files.json": (_REVISION,)}),),
    mirrors=(f"https://huggingface.co/api/datasets/{_REPOSITORY}/tree/{{f}}",),
)
"""Sizes and SHA-256 of the shards at that revision, as the hub keeps them."""


@datasets.register(
    "fineweb",
    source="https://arxiv.org/abs/2406.17557",
    task="language-model",
    licence="ODC-By 1.0",
    rows=100_000_000,
    unit="tokens a shard",
    shape=[1024],
    classes=[],
    **{**_material(1, {}).facts, "bytes": 2 * _SHARD_BYTES, "grows": "shards"},
)
def fineweb(
    request: Request,
    *,
    context: Annotated[int, Knob("tokens the model sees at once", 4, 65_536)] = 1024,
    shards: Annotated[int, Knob("training shards of 100 million tokens, 200 MB each", 1, _SHARDS)] = 1,
) -> Data:
    """FineWeb, filtered text of the web: GPT-2 tokens in shards of 100 million.

    Penedo et al. 2024. Shards are mapped into memory and only the windows of a
    batch are read, so ten billion tokens need no more memory than ten. Train
    and validation shards are the published ones; eval and test are two
    stretches of the validation shard. `data.path` reads shards where they lie.
    """
    folder = _folder(request, shards)
    held, *train = (mapped(folder / name) for name in _names(shards))
    half = min(_HELD, len(held) // 2)
    streams = (tuple(train), (held[:half],), (held[half : 2 * half],))
    learned, judged, tested = (ShardSplit(tokens, context) for tokens in streams)
    check_windows((learned, judged, tested))
    vocabulary, notes = _vocabulary(request)
    readable = notes["token texts"] == "GPT-2"
    task = gpt2_vocabulary.Gpt2Text(
        input_shape=(context,),
        outputs=gpt2_vocabulary.TOKENS,
        tokens=gpt2_vocabulary.TOKENS,
        vocabulary=vocabulary,
        prompts=_PROMPTS if readable else (),
        characters_per_token=gpt2_vocabulary.characters_per_token(vocabulary, held[:_COUNTED])
        if readable
        else math.nan,
    )
    return Data(task, learned, judged, tested, {"tokens": f"{sum(map(len, train)):,}", **notes})


def _folder(request: Request, shards: int) -> Path:
    """Return where the shards lie, after fetching what is missing."""
    if request.path:
        folder = Path(request.path).expanduser()
        missing = [name for name in _names(shards) if not (folder / name).is_file()]
        if missing:
            raise TuilabError(
                f"data.path: {folder} does not hold {shortened(missing)}. "
                "Bring what is missing, or set data.shards to how many training shards there are."
            )
        return folder
    bare = _material(shards, {})
    store = Store(request.cache.absolute() / bare.name)
    if not store.missing(bare.files) or os.environ.get(bare.variable):
        return obtain(bare, request)
    if not current().allowed:
        return obtain(_material(shards, dict.fromkeys(_names(shards), (_SHARD_BYTES, ""))), request)
    return obtain(_material(shards, _published(request, shards)), request)


def _published(request: Request, shards: int) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 of each shard.

    Raises:
        CannotBeHad: the hub does not answer, so nothing could be verified.
    """
    try:
        folder = obtain(_LIST, request)
    except CannotBeHad as error:  # the list alone would help nobody: the shards are what to bring
        raise CannotBeHad(_material(shards, {}), None, error.tried) from error
    entries = json.loads((folder / "files.json").read_text(encoding="utf-8"))
    return {one["path"]: (one["lfs"]["size"], one["lfs"]["oid"]) for one in entries if "lfs" in one}


def _vocabulary(request: Request) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return what the tokens say, and a note; training needs no such list, so it may be missing."""
    try:
        return gpt2_vocabulary.texts(replace(request, path="")), {"token texts": "GPT-2"}
    except Stopped:
        raise
    except NotAtHand:
        reason = "are fetched when a run starts"
    except TuilabError:
        reason = "could not be had: no samples are shown"
    return tuple(f"<{number}>" for number in range(gpt2_vocabulary.TOKENS)), {"token texts": reason}

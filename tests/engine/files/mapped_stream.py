"""A data set of one's own: a gigabyte of tokens on disk, for a worker that may hold a quarter of it."""

import resource
from pathlib import Path

import numpy as np

from tuilab.zoo.data import Data, Request
from tuilab.zoo.registries import datasets
from tuilab.zoo.sources.shards import ShardSplit
from tuilab.zoo.tasks.language_model import LanguageModel

TOKENS = 500_000_000
ALLOWED = 256 << 20


@datasets.register(
    "mapped-stream", source="https://docs.python.org/3/library/mmap.html", task="language-model"
)
def mapped_stream(request: Request) -> Data:
    """Tokens that lie in a file with holes: all zero, and as large as they say."""
    request.cache.mkdir(parents=True, exist_ok=True)
    path = request.cache / "tokens.bin"
    with path.open("wb") as file:
        file.truncate(2 * TOKENS)
    _allow(ALLOWED)
    try:
        np.fromfile(path, dtype=np.uint16)
    except MemoryError:
        pass
    else:
        raise AssertionError("the limit is none: the whole file could be read")
    train = np.memmap(path, dtype=np.uint16, mode="r")
    learned, judged, tested = (ShardSplit((part,), 64) for part in (train, train[:2000], train[2000:4000]))
    task = LanguageModel(
        input_shape=(64,), outputs=16, tokens=16, vocabulary=tuple("abcdefghijklmnop"), prompts=()
    )
    return Data(task, learned, judged, tested)


def _allow(more: int) -> None:
    """Let this process have only so many bytes of its own more than it has; mapped files are not its own."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    now = int(status["VmData"].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (now + more, now + more))

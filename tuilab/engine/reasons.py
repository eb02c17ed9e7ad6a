"""Why a run failed, in words: what went wrong, where in the user's own files, and what that may mean."""

import errno
import os

from tuilab.runs import Run
from tuilab.zoo import own

_MISFITS = (RuntimeError, ValueError, IndexError, TypeError)
"""What torch raises where shapes and types do not go together."""

_READER = "DataLoader worker"
"""What PyTorch's word on a process that is gone begins with; what such a process raised comes as it was."""


def reason(error: BaseException, run: Run, step: int | None) -> str:
    """Return why a run failed.

    Args:
        error: what was raised.
        run: which failed.
        step: steps done; None where it could not be built.
    """
    if full := _full_disk(error, run):
        return full
    if str(error).startswith(_READER):
        said = str(error).strip().removesuffix(".")
        return (
            f"a process that reads data was ended from outside, most often for lack of memory: {said}. "
            f"Lower train.workers, then `tuilab resume {run.id}` goes on from the last checkpoint"
        )
    said = f"{type(error).__name__}: {error}{own.place(error)}"
    if step == 0 and isinstance(error, _MISFITS):
        model, data = (run.spec.component(table)[0] for table in ("model", "data"))
        return f"{model!r} does not take what {data!r} gives, or the loss what {model!r} gives: {said}"
    return said


def _full_disk(error: BaseException, run: Run) -> str:
    """Return what to say where an error is that of a full disk, and nothing where it is not."""
    if os.strerror(errno.ENOSPC) not in str(error):
        return ""
    return (
        f"{os.strerror(errno.ENOSPC)} on the disk that holds {run.path}: "
        f"make room, then `tuilab resume {run.id}` goes on from the last checkpoint"
    )

"""What the columns of a run's tables are called as curves, and where the values of each lie."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tuilab.tables import Rows

STEPS, EVALS, PROBES, LAYERS = "steps", "evals", "probes/", "layers/"
"""Tables: two files, and two folders of them."""

_AXES = ("step", "split")
"""Columns that say of what a row is."""

_TAKEN = (LAYERS, PROBES, "spreads/", "tables/", "samples/")
"""How the names of what is not a column begin."""

_LOOKED_AT: Mapping[str, tuple[str, ...]] = {
    "sharpness": ("", "limit"),
    "noise_scale": ("look", "signal", "noise"),
}
"""What the values of a probe's row are, as its docstring says; "" is the probe's own name."""

_MEANS = {"probes/noise_scale": ("noise", "signal")}
"""Curves that are a ratio of two means: a single look is too noisy to be drawn."""

_OF_ACTIVATIONS = ("activation_mean", "activation_std", "dead", "saturated")
"""Tables of layers that hold a value for each layer that bends; the others one for each that learns."""


class Place(NamedTuple):
    """Where a curve's values lie."""

    table: str
    """steps, evals, probes/<file> or layers/<file>."""
    field: str
    at: int | None = None
    """Which value of a row that holds several."""
    split: str = ""
    """The split whose rows count, in a table of evaluations."""
    over: int | None = None
    """Which value it is divided by, where it is a ratio of means."""


def numbers(rows: Rows) -> list[str]:
    """Return the columns of a table that are one number a step.

    Raises:
        ValueError: nothing says which step.

    >>> import numpy as np
    >>> numbers(np.zeros(1, [("step", "<i8"), ("loss", "<f4"), ("note", "S5"), ("each", "<f4", (3,))]))
    ['loss']
    """
    columns = rows.dtype.names or ()
    if columns and ("step" not in columns or rows.dtype["step"].kind not in "iu"):
        raise ValueError(f"a table of {', '.join(columns)} does not say of which steps")
    return [
        name
        for name in columns
        if name not in _AXES and rows.dtype[name].kind in "fiub" and not name.startswith(_TAKEN)
    ]


def looks(name: str, rows: Rows, meta: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    """Return the curves of a table of probes or layers.

    >>> import numpy as np
    >>> rows = np.zeros(3, [("step", "<i8"), ("value", "<f4", (2,))])
    >>> [curve for curve, _ in looks("layers/grad_norm", rows, {"layers": ["in", "out"]})]
    ['layers/grad_norm/in', 'layers/grad_norm/out']
    >>> [curve for curve, _ in looks("probes/sharpness", rows, {})]
    ['probes/sharpness', 'probes/sharpness/limit']
    """
    for field in rows.dtype.names or ():
        shape = rows.dtype[field].shape
        if field in _AXES or len(shape) > 1 or rows.dtype[field].base.kind not in "fiub":
            continue  # more than a curve: a histogram a layer; or no numbers
        own = name if field == "value" else f"{name}/{field}"
        if not shape:
            yield own, Place(name, field)
            continue
        parts = value_names(name, shape[0], meta)
        if own in _MEANS:
            over, under = (parts.index(part) for part in _MEANS[own])
            yield own, Place(name, field, over, over=under)
        for at, part in enumerate(parts):
            yield f"{own}/{part}" if part else own, Place(name, field, at)


def value_names(table: str, count: int, meta: Mapping[str, Any]) -> Sequence[str]:
    """Return what the values of a row are called: the layers' names, or what the probe gives.

    Args:
        table: probes/<file> or layers/<file>.
        count: values in a row.
        meta: what the worker said of the model.
    """
    kind, _, stem = table.partition("/")
    if f"{kind}/" == PROBES:
        names: Sequence[str] = _LOOKED_AT.get(stem, ("",) if count == 1 else ())
    else:
        names = meta.get("activations" if stem in _OF_ACTIVATIONS else "layers", ())
    names = list(dict.fromkeys(map(str, names))) if isinstance(names, Sequence) else ()
    one = "layer" if f"{kind}/" == LAYERS else "value"
    return names if len(names) == count else [f"{one} {number}" for number in range(count)]

"""Which charts a run has, and which of them a reader wants first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tuilab.events import Event
from tuilab.ui.widgets.pieces import clean

TITLES = {
    "loss": "loss",
    "grad_norm": "gradient norm",
    "lr": "learning rate",
    "samples_per_second": "samples a second",
    "clip_share": "share of the gradient that is clipped",
    "data_wait": "share of time waiting for data",
    "sharpness": "sharpness and the stability limit",
    "noise_scale": "gradient noise scale, in samples",
}
_SHORT = {
    "grad_norm": "grad norm",
    "lr": "lr",
    "samples_per_second": "samples/s",
    "clip_share": "clipped",
    "data_wait": "waiting",
    "sharpness": "sharpness",
    "noise_scale": "noise scale",
    "activation_mean": "act mean",
    "activation_std": "act std",
    "update_ratio": "update:weight",
}
LAYERS = "layers/"
"""How the metrics of a layer begin: layers/<statistic>/<layer>."""

PROBES = "probes/"
"""How the metrics of a probe begin: probes/<probe>, and probes/<probe>/<part>."""

SPREADS, TABLES = "spreads/", "tables/"
"""How pictures that are not curves begin: spreads/<weight or gradient>/<layer>, and tables/<file>."""

SAMPLES = "samples/shown"
"""The picture of what the model has made of fixed prompts."""

MOST_ROWS = 500
"""Layers in one heat map: every one of them is read and drawn in each frame, and that many take 20 ms."""

FIRST = 4
"""Charts shown before the reader has chosen any."""

_HIDDEN = ("step", "time", "epoch")
"""Columns that are axes, not curves."""

_FLAGS = {"checkpoint": "checkpoint", "resumed": "resumed", "command": "change", "spike": "spike"}
"""Events that stand on the axis, and as what."""

MOST_FLAGS = 500
"""More than any chart has columns: the newest are kept."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart: its title and the metrics it draws, the first being the main one."""

    title: str
    metrics: tuple[str, ...]
    heat: bool = False
    """One row a metric, shaded, instead of curves."""
    first: int = 0
    """How many rows charts before this one hold, where the layers are too many for one."""

    @property
    def sight(self) -> bool:
        """Whether it is a picture of something else than curves."""
        return self.metrics[0].startswith((SPREADS, TABLES, SAMPLES))

    @property
    def key(self) -> str:
        """What it is remembered by."""
        if not self.heat:
            return self.metrics[0]
        return self.metrics[0].rpartition("/")[0] + (f"/{self.first + 1}" if self.first else "")

    @property
    def short(self) -> str:
        """The title where there is little room."""
        if self.heat:
            statistic = self.metrics[0].split("/")[1]
            return (
                f"{_SHORT.get(statistic, title_of(statistic))}/layer{f' {self.first + 1}' * bool(self.first)}"
            )
        return _SHORT.get(self.key.removeprefix(PROBES), self.title)


def panels(metrics: Sequence[str], meta: Mapping[str, Any]) -> list[Panel]:
    """Return every chart there is, the four that matter first.

    >>> [panel.title for panel in panels(["time", "loss", "lr", "grad_norm", "eval.loss", "eval.accuracy"],
    ...                                  {"metric": "accuracy"})]
    ['loss', 'accuracy', 'gradient norm', 'learning rate']
    >>> [panel.metrics for panel in panels(["loss", "return", "eval.return"], {"metric": "return"})]
    [('loss',), ('return', 'eval.return')]
    >>> [panel.title for panel in panels(["loss", "grad_norm", "tables/surface"], {})]
    ['loss', 'way over the surface', 'gradient norm']
    """
    elsewhere = (LAYERS, PROBES, SPREADS, TABLES, SAMPLES)
    columns = [
        name for name in metrics if "." not in name and not name.startswith(elsewhere) and name not in _HIDDEN
    ]
    scores: dict[str, list[str]] = {}
    layers: dict[str, list[str]] = {}
    for name in metrics:
        if name.startswith(LAYERS):
            layers.setdefault(name.split("/")[1], []).append(name)
            continue
        if name.startswith((PROBES, SPREADS, TABLES, SAMPLES)):
            continue
        split, _, score = name.rpartition(".")
        if split and score != "loss":
            scores.setdefault(score, []).append(name)
    losses = [name for name in ("loss", "eval.loss", "test.loss") if name in metrics]
    found = [Panel("loss", tuple(losses or ["loss"]))]
    headline = str(meta.get("metric", "")).rpartition(".")[2]
    ordered = sorted(scores, key=lambda score: score != headline)
    of_scores = [
        Panel(title_of(score), (*([score] if score in columns else []), *scores[score])) for score in ordered
    ]
    of_columns = {name: Panel(title_of(name), (name,)) for name in columns if name not in ("loss", *scores)}
    first = [of_columns.pop(name) for name in ("grad_norm", "lr") if name in of_columns]
    made = [Panel("samples", (SAMPLES,))] if SAMPLES in metrics else []
    of_layers = [panel for name in layers for panel in _of_layers(name, layers[name])]
    sights = _of_sights(metrics)
    # A point on a surface trains nothing: its way is what there is to see.
    way = [panel for panel in sights if panel.key == f"{TABLES}surface"]
    beside = [*_of_probes(metrics), *(panel for panel in sights if panel not in way)]
    first = [*way, *of_scores[:1], *first, *made]
    return [*found, *first, *of_layers, *of_scores[1:], *of_columns.values(), *beside]


def _of_layers(statistic: str, metrics: Sequence[str]) -> list[Panel]:
    """Return the charts of a statistic of each layer: one, or several where the layers are very many.

    >>> [panel.title for panel in _of_layers("grad_norm", ["layers/grad_norm/x"] * 700)]
    ['gradient norm of layers 1 to 500', 'gradient norm of layers 501 to 700']
    """
    title, count = title_of(statistic), len(metrics)
    if count <= MOST_ROWS:
        return [Panel(f"{title} of each layer", tuple(metrics), True)]
    return [
        Panel(
            f"{title} of layers {first + 1} to {min(first + MOST_ROWS, count)}",
            tuple(metrics[first : first + MOST_ROWS]),
            True,
            first,
        )
        for first in range(0, count, MOST_ROWS)
    ]


def _of_probes(metrics: Sequence[str]) -> list[Panel]:
    """Return the charts of values that are one a look: a probe's own with its limit, its parts together.

    >>> [panel.metrics for panel in _of_probes(["probes/s", "probes/s/limit", "probes/n", "probes/n/a"])]
    [('probes/s', 'probes/s/limit'), ('probes/n',), ('probes/n/a',)]
    """
    found: dict[str, list[str]] = {}
    for name in metrics:
        if name.startswith(PROBES):
            probe, _, part = name.removeprefix(PROBES).partition("/")
            found.setdefault(probe if part in ("", "limit") else f"{probe} {part}", []).append(name)
    return [Panel(title_of(probe), tuple(names)) for probe, names in found.items()]


def _of_sights(metrics: Sequence[str]) -> list[Panel]:
    """Return the pictures that are not curves."""
    found = []
    for name in metrics:
        if name.startswith(SPREADS):
            _, what, layer = name.split("/", 2)
            found.append(Panel(f"{what}s of {layer}", (name,)))
        elif name == f"{TABLES}surface":
            found.append(Panel("way over the surface", (name,)))
        elif name.startswith(TABLES):
            split, _, what = name.removeprefix(TABLES).partition("-")
            found.append(Panel(f"{what} of {split}".strip(), (name,)))
    return found


def title_of(name: str) -> str:
    """Return a metric's name in words."""
    return TITLES.get(name, clean(name.replace("_", " ")))


def curve_name(metric: str) -> str:
    """Return what a curve is called inside its chart."""
    if metric.startswith(LAYERS):
        return clean(metric.split("/", 2)[2])
    if metric.startswith(PROBES):
        return title_of(metric.rpartition("/")[2])
    return clean(metric.rpartition(".")[0]) or "train"


def flags_of(events: Sequence[Event]) -> list[tuple[int, str]]:
    """Return the steps at which something happened that belongs on the axis, and what it was."""
    return [(event.step, _FLAGS[event.kind]) for event in events if event.kind in _FLAGS]

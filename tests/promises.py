"""What presets promise: alone by the band in `expect`, together as relations between the runs of a family."""

from collections.abc import Mapping
from typing import Any

from tuilab.runs import Run


def figure(run: Run, metric: str) -> float:
    """Return a run's last value of a metric, or "steps": how many it took. NaN where it has none."""
    # A diverged run's worker goes on until it hears of it; its table ends where it diverged.
    return float(run.steps.refresh()) if metric == "steps" else run.status.metrics.get(metric, float("nan"))


def misses(run: Run, preset: Mapping[str, Any]) -> list[str]:
    """Return in which respects a run is not what its preset promises; nothing where it is."""
    found = []
    wanted, state = preset.get("expect_state") or "finished", run.status.state
    if state != wanted:
        found.append(f"{state}, not {wanted}")
    for metric, (low, high) in preset["expect"].items():
        value = figure(run, metric)
        if not low <= value <= high:  # NaN too
            found.append(f"{metric} = {value:.5g} is not in [{low:g}, {high:g}]")
    return found

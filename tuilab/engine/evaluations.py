"""The evaluations of a run: written down, the best kept, patience counted."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from tuilab.engine import leavings
from tuilab.engine.build import Built
from tuilab.engine.evaluate import evaluate
from tuilab.tables import TableWriter


class Evaluations:
    """Looks at splits and writes `evals.npy`, and `tables/` with what numbers do not say."""

    def __init__(self, folder: Path, built: Built) -> None:
        self._folder, self._built = folder, built
        task = built.data.task
        columns = [
            ("step", "<i8"),
            ("split", "S5"),
            ("loss", "<f8"),
            *((name, "<f8") for name in task.metrics),
        ]
        self._table = TableWriter(folder / "evals.npy", np.dtype(columns))
        leavings.write_surface(folder, task)
        self._keeps_weights = built.spec.train.early_stop != "off"
        self.best: dict[str, Any] = {}
        """metric, value and step of the best evaluation by the metric people quote first."""
        self.best_weights: dict[str, Tensor] | None = None
        """Of the evaluation with the lowest loss; kept only where the run will go back to them."""
        self._lowest = float("inf")
        self.waited = 0
        """Evaluations since the eval loss was lowest (Prechelt 1998)."""

    def look(self, split: str, step: int) -> dict[str, float]:
        """Evaluate a split, write the row, and return the metrics."""
        built = self._built
        score = evaluate(
            built.model,
            built.data.task,
            built.loss_fn,
            built.data.split(split),
            built.eval_batch_size,
            built.device,
        )
        metrics = score.result()
        row = np.zeros(1, dtype=self._table.dtype)
        row["step"], row["split"] = step, split.encode()
        for name, value in metrics.items():
            row[name] = value
        self._table.append(row)
        leavings.write(self._folder, split, score.tables())
        if split == "eval":
            self._compare(metrics, step)
        return metrics

    def rewind(self, step: int) -> None:
        """Take back every row of that step and later, and the look at the test split that ended a run."""
        before = self._table.rows
        self._table.rewind(step)
        while self._table.rows and self._table.last()["split"] == b"test":
            self._table.keep(self._table.rows - 1)
        if self._table.rows < before:
            for split in ("eval", "test"):
                leavings.take_back(self._folder, split)

    def state(self) -> dict[str, Any]:
        """Return what patience and the best must remember."""
        return {
            "best": self.best,
            "best_weights": self.best_weights,
            "lowest": self._lowest,
            "waited": self.waited,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.best, self.best_weights = state["best"], state["best_weights"]
        self._lowest, self.waited = state["lowest"], state["waited"]

    def close(self) -> None:
        """Give the file back."""
        self._table.close()

    def _compare(self, metrics: dict[str, float], step: int) -> None:
        task = self._built.data.task
        name = task.metrics[0]
        sign = 1 if task.higher_is_better else -1
        best = self.best.get("value", math.nan)
        if math.isnan(best) or sign * metrics[name] > sign * best:  # anything is better than no number
            self.best = {"metric": f"eval.{name}", "value": metrics[name], "step": step}
        if metrics["loss"] >= self._lowest or metrics["loss"] != metrics["loss"]:
            self.waited += 1
            return
        self._lowest, self.waited = metrics["loss"], 0
        if self._keeps_weights:
            weights = self._built.model.state_dict()
            self.best_weights = {key: value.detach().clone() for key, value in weights.items()}

"""The run whose weights another starts from: `[model] init = { from = "RUN" }`.

What a person asks for may be loose: "last", a part of an id, a preset's name. What
a run is created with is definite: which run, and which of its checkpoints.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tuilab import runs
from tuilab.errors import TuilabError
from tuilab.places import preset_folder
from tuilab.runs import Run
from tuilab.spec import Spec

KEY = "model.init"
"""Where it stands in a spec; what is wrong with it is told there."""


def origin_of(spec: Spec) -> Mapping[str, Any] | None:
    """Return the table of a spec that starts from another run's weights, or None."""
    init = spec.tables["model"].get("init")
    return init if isinstance(init, dict) else None


def pinned(spec: Spec, home: Path) -> Spec:
    """Return the spec with the run and checkpoint that are meant, so that it always starts alike.

    Raises:
        TuilabError: there is no such run, or it has no such checkpoint; begins with `KEY`.
    """
    init = origin_of(spec)
    if init is None:
        return spec
    try:
        run = origin_run(home, str(init["from"]))
        chosen = checkpoint_of(run, _wanted(init))
    except TuilabError as error:
        raise TuilabError(f"{KEY}: {error}") from error
    inside = run.path.parent == home / "runs"
    definite = {
        "from": run.id if inside else str(run.path),
        "checkpoint": "best" if chosen.name == "best" else runs.step_of(chosen),
        **({"state": True} if init.get("state") else {}),
    }
    return Spec({**spec.tables, "model": {**spec.tables["model"], "init": definite}}, spec.preset)


def _wanted(init: Mapping[str, Any]) -> object:
    """Return the checkpoint that is asked for; who goes on as the run would have goes on from its end."""
    wanted = init.get("checkpoint", "auto")
    return "last" if init.get("state") and wanted == "auto" else wanted


def origin_run(home: Path, reference: str) -> Run:
    """Return the run that is meant: as `runs.find`, or the newest finished run of a preset.

    Raises:
        TuilabError: there is none; for a preset with the command that makes one.
    """
    of_preset = [run for run in runs.all_runs(home) if reference in (_called(run), run.spec.name)]
    shipped, own = preset_folder() / f"{reference}.toml", home / "presets" / f"{reference}.toml"
    if not of_preset and not shipped.is_file() and not own.is_file():
        return runs.find(home, reference)
    finished = [run for run in of_preset if run.status.state == "finished"]
    if finished:
        return finished[-1]
    unfinished = f" ({of_preset[-1].id} is {of_preset[-1].status.state})" if of_preset else ""
    raise TuilabError(
        f"there is no finished run of {reference!r} to start from{unfinished}. "
        f"`tuilab run {reference}` makes one; run that first."
    )


def checkpoint_of(run: Run, wanted: object = "auto") -> Path:
    """Return a checkpoint's folder.

    Args:
        run: whose.
        wanted: "best": the weights that early stopping went back to, or those saved at the
            best evaluation; "last": the newest; a step's number, as int or text; "auto": those
            that the run's own test was made with.

    Raises:
        TuilabError: the run has no such checkpoint; says which it has.
    """
    saved = {runs.step_of(path): path for path in run.checkpoints}
    if not saved:
        raise TuilabError(
            f"{run.id} has no checkpoint yet: `tuilab checkpoint {run.id}` saves one while it trains."
        )
    kept = run.path / "checkpoints" / "best"
    went_back = (kept / "model.safetensors").is_file()
    steps = ", ".join(str(step) for step in saved)
    if wanted in ("auto", "best") and went_back:
        return kept
    if wanted == "best":
        best = run.status.best.get("step")
        if best not in saved:
            raise TuilabError(
                f"{run.id} was best at step {best} and kept no weights of it; train.early_stop keeps them. "
                f"It has those of step {steps}."
            )
        return saved[best]
    if wanted in ("auto", "last"):
        return saved[max(saved)]
    if not _is_checkpoint(wanted):
        raise TuilabError(f"{wanted!r} is no checkpoint; give 'best', 'last' or the number of a step.")
    step = int(str(wanted))
    if step not in saved:
        raise TuilabError(f"{run.id} has no checkpoint of step {step}. It has those of step {steps}.")
    return saved[step]


def _called(run: Run) -> str:
    """Return what a run's directory is called, between the time and the four letters."""
    return run.id.partition("-")[2].partition("-")[2].rpartition("-")[0]


def _is_checkpoint(wanted: object) -> bool:
    if isinstance(wanted, bool):
        return False
    return wanted in ("auto", "best", "last") or str(wanted).isdecimal()

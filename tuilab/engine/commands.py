"""Applying what screens ask for to a training run, between two steps."""

from typing import Any

from tuilab.catalog import Catalog
from tuilab.engine.build import build_schedule
from tuilab.engine.trainer import Trainer
from tuilab.errors import TuilabError
from tuilab.resolve import field_of
from tuilab.spec import Spec
from tuilab.zoo.optimizers.groups import change, changeable

_TRAIN_KEYS = ("steps", "clip_norm", "clip_value")


def settable(spec: Spec, key: str) -> bool:
    """Return whether a dotted key can be changed while the run goes on."""
    table, _, knob = key.partition(".")
    return knob != "name" and (
        table in ("optimizer", "schedule") or (table == "train" and knob in _TRAIN_KEYS)
    )


def apply(
    trainer: Trainer, catalog: Catalog, settings: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any]:
    """Change settings from the next step on and return them as they were understood.

    Args:
        trainer: what is changed.
        catalog: what values may be.
        settings: all that was changed before; brought up to date.
        values: dotted keys and new values, as texts or as TOML values.

    Raises:
        TuilabError: a key cannot be changed now or a value does not fit; nothing is changed then.
    """
    spec = trainer.built.spec
    understood: dict[str, Any] = {}
    for key, value in values.items():
        knob = field_of(spec.raw(), key, catalog)
        if not settable(spec, key):
            raise TuilabError(f"{key} is fixed once a run has begun; start a new run to change it.")
        understood[key] = knob.read(value) if isinstance(value, str) else knob.check(value)
        if key == "train.steps" and understood[key] <= trainer.step:
            raise TuilabError(f"train.steps: {trainer.step} steps are done; give more, or stop the run.")
    norm = understood.get("train.clip_norm", trainer.gradients.clip_norm)
    if norm != "off" and understood.get("train.clip_value", trainer.gradients.clip_value) != "off":
        raise TuilabError("train.clip_norm and train.clip_value: one of the two has to be off.")
    _refuse_what_stays(trainer, {**settings, **understood})
    settings.update(understood)
    for key, value in understood.items():
        _change(trainer, settings, key, value)
    trainer.settings_changed()
    return understood


def restore_settings(trainer: Trainer, settings: dict[str, Any]) -> None:
    """Change everything again that had been changed when a checkpoint was written."""
    for key, value in settings.items():
        _change(trainer, settings, key, value)


def _refuse_what_stays(trainer: Trainer, settings: dict[str, Any]) -> None:
    """Refuse what `_change` could not do: a setting that is kept is changed again at every resume.

    Raises:
        TuilabError: names the key.
    """
    for key in settings:
        table, _, knob = key.partition(".")
        if table == "optimizer" and knob != "lr" and not changeable(trainer.optimizer, knob):
            raise TuilabError(f"{key} cannot be changed while the run goes on; start a new run.")
    if schedule := _of_schedule(settings):
        build_schedule(trainer.built.spec, schedule)


def _of_schedule(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of the schedule, by knob."""
    return {key.partition(".")[2]: value for key, value in settings.items() if key.startswith("schedule.")}


def _change(trainer: Trainer, settings: dict[str, Any], key: str, value: Any) -> None:
    table, _, knob = key.partition(".")
    if key == "optimizer.lr":
        trainer.rate.base = value
    elif table == "optimizer":
        change(trainer.optimizer, knob, value)
    elif table == "schedule":
        trainer.rate.follow(build_schedule(trainer.built.spec, _of_schedule(settings)))
    elif knob == "steps":
        trainer.total = value
    elif knob == "clip_norm":
        trainer.gradients.clip_norm = value
    elif knob == "clip_value":
        trainer.gradients.clip_value = value

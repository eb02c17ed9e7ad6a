"""What a worker in standby is asked before anything starts.

Each answer is plain JSON. A spec that does not work out is a `SpecError` whose
problems stand at the keys that can mend it.
"""

from pathlib import Path
from typing import Any

import psutil
import torch
from torch import Tensor, nn

from tuilab import zoo
from tuilab.engine import devices, fork, reuse
from tuilab.engine.build import Built, Prepared, build, build_model, prepare
from tuilab.engine.freeze import trained_share
from tuilab.engine.loader import first
from tuilab.engine.preview import preview_of
from tuilab.engine.rehearsal import rehearse
from tuilab.errors import Problem, SpecError, TuilabError
from tuilab.resolve import resolve
from tuilab.spec import TABLES, Spec, loads
from tuilab.zoo import own
from tuilab.zoo.augment import Augmentation
from tuilab.zoo.data import Data
from tuilab.zoo.lora import CHILD
from tuilab.zoo.sources.watch import NotAtHand, watching

_FLOAT_BYTES = 4


def check(text: str, home: Path) -> dict[str, Any]:
    """Build what a spec names, run two samples through it, and say what it comes to.

    Weights of another run are put in, so that what matched can be told. Data that would
    have to be fetched first are not: then the answer is a "note" that says so, and how many bytes.

    Raises:
        SpecError: the parts do not fit each other.
    """
    spec = _resolved(text)
    cache = home / "data"
    try:
        with watching(allowed=False):
            _refuse_too_large(spec, prepare(spec, cache, devices.choose(spec.train.device)).data)
            built = build(spec, cache)
        taken = fork.find(spec, home)
        if taken is not None:
            fork.take_over(taken, built)
        transfer = taken or reuse.start(built.model, spec, home)
        rehearse(built)
        layers, activations = _traced(built)
    except NotAtHand as error:
        # No fault of the spec's: the run fetches them. Until then there is nothing to build.
        return {"note": _located(str(error)).message, "fetch_bytes": error.bytes}
    except SpecError:
        raise
    except TuilabError as error:
        raise SpecError([_located(str(error))]) from error
    trained, parameters = trained_share(built.model)
    task, data = built.data.task, built.data
    # Weights; and of what is trained gradients and about two numbers of optimizer state.
    numbers = parameters + 3 * trained + activations * built.batch_size
    return {
        "parameters": parameters,
        "trained": trained,
        "origin": {} if transfer is None else {"text": transfer.text, **transfer.to_json()},
        "layers": layers,
        "input_shape": list(task.input_shape),
        "outputs": task.outputs,
        "task": task.name,
        "rows": {name: data.split(name).rows for name in ("train", "eval", "test")},
        "steps": built.steps,
        "steps_per_epoch": built.steps_per_epoch,
        "memory_bytes": numbers * _FLOAT_BYTES,
        "device": devices.describe(built.device),
    }


def preview(text: str, home: Path) -> dict[str, Any]:
    """Load a spec's data set and show what is in it.

    Raises:
        SpecError: the data are not to be had, or not as asked.
    """
    spec = _resolved(text)
    name, _ = spec.component("data")
    # As the data are, not as the model gets them: a normalised picture is no picture.
    plain = Spec({**spec.tables, "data": {**spec.tables["data"], "normalize": "none"}})
    try:
        with watching(allowed=False):
            prepared: Prepared = prepare(plain, home / "data", torch.device("cpu"))
            kinds = spec.data.augment
            augmentation = Augmentation(kinds, prepared.data.task) if kinds else None
    except TuilabError as error:
        raise SpecError([_located(str(error))]) from error
    card = zoo.REGISTRIES["datasets"][name].card
    return {
        "licence": card.facts.get("licence", ""),
        "source": card.source,
        **preview_of(prepared.data, augmentation),
    }


def _resolved(text: str) -> Spec:
    return resolve(loads(text, "the spec"), zoo.describe())


def _located(message: str) -> Problem:
    """Return a problem at the key that a component's message begins with, if it does."""
    key, found, rest = message.partition(": ")
    if found and key.partition(".")[0] in TABLES:
        return Problem(key, rest)
    return Problem("", message)


def _refuse_too_large(spec: Spec, data: Data) -> None:
    """Count a model's parameters without any memory, and refuse one that this machine cannot hold.

    Raises:
        TuilabError: weights, gradients and optimizer state need more than is free.
    """
    with torch.device("meta"):
        try:
            model = build_model(spec, data)
        except (RuntimeError, NotImplementedError):
            return  # it computes something while it is built: then it is built for good
    parameters = sum(parameter.numel() for parameter in model.parameters())
    needed, free = 4 * parameters * _FLOAT_BYTES, psutil.virtual_memory().available
    if needed > free:
        name = spec.component("model")[0]
        raise TuilabError(
            f"model.name: this {name} has {parameters:,} parameters and needs {needed / 1e9:,.0f} GB with "
            f"gradients and optimizer state; {free / 1e9:,.0f} GB are free. Make it smaller."
        )


def _traced(built: Built) -> tuple[list[dict[str, Any]], int]:
    """Return what each layer gives for two samples, and the numbers a sample leaves behind.

    Raises:
        TuilabError: the model does not take what the data set gives.
    """
    layers: dict[str, dict[str, Any]] = {}
    activations = 0

    def note(name: str, module: nn.Module, output: object) -> None:
        nonlocal activations
        if isinstance(output, tuple) and output:
            output = output[0]  # recurrent layers give their last state beside it
        if not isinstance(output, Tensor):
            return
        activations += output.numel() // 2
        own = sum(parameter.numel() for parameter in module.parameters())
        shape = list(output.shape[1:])
        # Once, however often it is called: a policy plays a whole episode.
        layers.setdefault(
            name, {"name": name, "kind": type(module).__name__, "shape": shape, "parameters": own}
        )

    hooks = [
        module.register_forward_hook(lambda m, _, out, name=name: note(name, m, out))
        for name, module in built.model.named_modules()
        if name
        and f".{CHILD}." not in f"{name}."
        and {child for child, _ in module.named_children()} <= {CHILD}
    ]
    x, y = first(built.data.train, 2, built.device)
    built.model.eval()
    try:
        with torch.no_grad():
            built.loss_fn(*built.data.task.forward(built.model, x, y))
    except (RuntimeError, ValueError, IndexError) as error:
        model, data = (built.spec.component(table)[0] for table in ("model", "data"))
        place = own.place(error)
        raise TuilabError(
            f"model.name: {model!r} does not take what {data!r} gives: {error}{place}"
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
    return list(layers.values()), activations

"""What is done once the steps are: a last look, the best weights, the test split, int8 weights."""

from tuilab.engine import checkpoint
from tuilab.engine.trained import load
from tuilab.engine.training import Tell, Training
from tuilab.words import counted


def finish(training: Training, tell: Tell) -> str:
    """Look a last time, at the test split too, save, and return what to say of it.

    Raises:
        OSError: the disk is full.
    """
    built, step = training.built, training.step
    if training.evaluation.missing(step):
        training.evaluate("eval")
    _take_best(training)
    metrics = training.evaluate("test")
    if training.sampling.missing(step):
        training.sample(tell)
    if training.saving.missing(step):
        tell("checkpoint", f"saved {training.save().name}")
    if built.spec.train.int8:
        _test_int8(training, metrics, tell)
    name = built.data.task.metrics[0]
    early = " early" if step < training.trainer.total else ""
    return (
        f"finished{early} after {counted(step, 'step')} in {training.clock.seconds:.1f} s: "
        f"test loss {metrics['loss']:.4g}, {name} {metrics[name]:.4g}"
    )


def _take_best(training: Training) -> None:
    """Put the weights of the best evaluation into the model, where they were kept."""
    if training.evaluations.best_weights is None:
        return
    model, average = training.built.model, training.trainer.average
    model.load_state_dict(training.evaluations.best_weights)
    if average is not None:  # the best weights are an average already
        average.settle()
    checkpoint.save_best(training.run.path / "checkpoints", model)


def _test_int8(training: Training, metrics: dict[str, float], tell: Tell) -> None:
    """Test what was saved once more with int8 weights, and say what that costs and saves."""
    small = load(training.run, training.home, int8=True)
    found, name = small.metrics("test"), training.built.data.task.metrics[0]
    share = small.bytes / small.float_bytes
    told = {f"int8.{key}": value for key, value in found.items()}
    told |= {f"int8.{name}_change": found[name] - metrics[name], "int8.size": share}
    training.progress.metrics.update(told)
    tell(
        "int8",
        f"with int8 weights, {small.bytes:,} bytes in place of {small.float_bytes:,} ({share:.1%}): "
        f"test {name} {found[name]:.4g} in place of {metrics[name]:.4g}",
        **told,
    )

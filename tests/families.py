"""The points that presets of one family make together, each as one number that stays below another."""

from tests.measures import (
    around,
    dead,
    first_loss,
    last,
    limit,
    noise,
    peak,
    rounds_until,
    sharpness,
    steps_until,
    vanishing,
)
from tests.relation import Relation


def _ravine() -> list[Relation]:
    """Return that every other way ends a hundred times nearer than plain descent."""
    return [
        Relation(
            "ravine",
            f"{name} ends a hundred times nearer than sgd after the same steps",
            last(f"ravine-{name}", "test.distance", times=100),
            last("ravine-sgd", "test.distance"),
        )
        for name in ("momentum", "adagrad", "rmsprop", "adam")
    ]


def _surfaces() -> list[Relation]:
    """Return what two more ways do on a plain and in a bent valley."""
    return [
        Relation(
            "plateau",
            "the sign alone ends forty times nearer than steps of the slope's size",
            last("plateau-lion", "test.distance", times=40),
            last("plateau-sgd", "test.distance"),
        ),
        Relation(
            "rosenbrock",
            "curvature ends a hundred times nearer, after an eighth of the steps",
            last("rosenbrock-lbfgs", "test.distance", times=100),
            last("rosenbrock-nadam", "test.distance"),
        ),
    ]


def _classes() -> list[Relation]:
    """Return what a hidden layer, weights and another loss do to a classifier."""
    return [
        Relation(
            "xor",
            "one hidden layer makes a quarter of the single layer's mistakes at most",
            lambda runs: 4 * (1 - last("xor-mlp", "test.accuracy")(runs)),
            lambda runs: 1 - last("xor-linear", "test.accuracy")(runs),
        ),
        Relation(
            "imbalanced",
            "weights raise the balanced accuracy by a tenth",
            last("imbalanced-plain", "test.balanced_accuracy", times=1.1),
            last("imbalanced-weighted", "test.balanced_accuracy"),
        ),
        Relation(
            "scores",
            "scores of which only the direction counts make poorer probabilities",
            last("digits-mlp", "test.log_loss", times=1.2),
            last("digits-cosine", "test.log_loss"),
        ),
    ]


def _overfitting() -> list[Relation]:
    """Return that each remedy ends at a lower test loss."""
    return [
        Relation(
            "overfitting",
            f"{name} ends at a lower test loss than the wide network left to itself",
            last(name, "test.loss"),
            last("overfit-wide-mlp", "test.loss"),
        )
        for name in ("weight-decay", "dropout", "early-stop")
    ]


def _memory() -> list[Relation]:
    """Return that gates keep for a hundred steps what a plain recurrent network loses."""
    return [
        Relation(
            "memory",
            f"{name} is right five times as often as copy-rnn, a hundred steps later",
            last("copy-rnn", "test.accuracy", times=5),
            last(name, "test.accuracy"),
        )
        for name in ("copy-lstm", "copy-gru")
    ]


def _tweets() -> list[Relation]:
    """Return that each model reads: the commonest class alone would be right in 43.4 %."""
    return [
        Relation(
            "tweets",
            f"{name} is right half as often again as always guessing the commonest class",
            limit(1.5 * 0.434),
            last(name, "test.accuracy"),
        )
        for name in ("tweets-bow", "tweets-textcnn", "tweets-lstm", "tweets-transformer")
    ]


RELATIONS = [
    *_ravine(),
    *_surfaces(),
    Relation(
        "local-minimum",
        "momentum reaches the lowest place, plain descent stays in a dent",
        last("local-minimum-momentum", "test.distance", times=100),
        last("local-minimum-plain", "test.distance"),
    ),
    Relation(
        "saddle",
        "noise brings the point off the pass, more than 0.2 below it",
        last("saddle-escape", "test.height"),
        lambda runs: last("saddle-stuck", "test.height")(runs) - 0.2,
    ),
    Relation(
        "batch-size",
        "the same passes in small batches end at a lower test loss than in full ones",
        last("mini-batch", "test.loss", times=2),
        last("full-batch", "test.loss"),
    ),
    Relation(
        "batch-size",
        "the fewer samples a step, the more its loss rises between steps: mini above full",
        noise("full-batch"),
        noise("mini-batch"),
    ),
    Relation(
        "batch-size",
        "the fewer samples a step, the more its loss rises between steps: single above mini",
        noise("mini-batch"),
        noise("single-sample"),
    ),
    Relation(
        "learning-rate",
        "a rate too low leaves a train loss a quarter higher than a good one",
        last("lr-good", "train.loss", times=1.25),
        last("lr-too-low", "train.loss"),
    ),
    Relation(
        "learning-rate",
        "a rate too high leaves the numbers, at a loss of more than 1e30",
        limit(1e30),
        peak("lr-too-high"),
    ),
    Relation(
        "warmup",
        "with warm-up the loss never rises to half of what it reaches without",
        peak("warmup-on", times=2),
        peak("warmup-off"),
    ),
    Relation(
        "decay",
        "at the first stair the loss falls by more than a tenth",
        around("step-vs-cosine", 1 / 3, before=False),
        around("step-vs-cosine", 1 / 3, before=True, times=0.9),
    ),
    *[
        Relation(
            "decay",
            f"{name} ends at a lower test loss than a rate that never falls",
            last(name, "test.loss", times=1.1),
            last("no-decay", "test.loss"),
        )
        for name in ("cosine-vs-step", "step-vs-cosine", "rate-on-plateau")
    ],
    Relation(
        "polynomial",
        "the right degree's test loss is a third of the high degree's at most",
        last("right-polynomial", "test.loss", times=3),
        last("overfit-polynomial", "test.loss"),
    ),
    *_overfitting(),
    Relation(
        "overfitting",
        "the wide network's train loss is a fiftieth of its test loss",
        last("overfit-wide-mlp", "train.loss", times=50),
        last("overfit-wide-mlp", "test.loss"),
    ),
    Relation(
        "overfitting",
        "early stopping needs at most half the steps",
        last("early-stop", "steps", times=2),
        last("overfit-wide-mlp", "steps"),
    ),
    Relation(
        "sharpness",
        "small batches end in a place a tenth flatter than the whole set does",
        sharpness("small-batch-flat", times=1.1),
        sharpness("full-batch-sharp"),
    ),
    Relation(
        "features",
        "normalised, the loss is below 0.1 in a quarter of the steps in which raw it is not",
        lambda runs: 4 * steps_until("features-normalised", 0.1)(runs),
        steps_until("features-raw", 0.1),
    ),
    Relation(
        "depth",
        "through eight sigmoids the first layer's gradient is a hundred-thousandth of the last's",
        vanishing("deep-sigmoid"),
        limit(1e-5),
    ),
    Relation("depth", "through eight relus it is a tenth of it at least", limit(0.1), vanishing("deep-relu")),
    Relation("depth", "batch norm keeps a hundredth of it at least", limit(0.01), vanishing("batch-norm")),
    Relation(
        "relu", "at a rate too high nearly all units of the last layer die", limit(0.9), dead("dead-relu")
    ),
    Relation("relu", "at a twentieth of it hardly any does", dead("live-relu"), limit(0.2)),
    Relation(
        "init",
        "weights too large begin ten times as far from the truth as weights of He's size",
        first_loss("good-init", times=10),
        first_loss("bad-init"),
    ),
    Relation(
        "init",
        "and end at a lower test accuracy",
        last("bad-init", "test.accuracy"),
        last("good-init", "test.accuracy"),
    ),
    *_classes(),
    *_memory(),
    *_tweets(),
    *(
        Relation(
            "prices",
            f"{name} guesses nearer than squared errors do, in dollars",
            last(name, "test.mae"),
            last("diamonds-mlp", "test.mae"),
        )
        for name in ("diamonds-mae", "diamonds-huber")
    ),
    Relation(
        "docs-gpt",
        "muon ends at a loss a twentieth lower after the same steps",
        last("docs-gpt-muon", "test.loss", times=1.05),
        last("docs-gpt", "test.loss"),
    ),
    Relation(
        "cartpole",
        "PPO keeps the pole up after fewer rounds of eight episodes than REINFORCE",
        rounds_until("cartpole-ppo", 400, steps=40),
        rounds_until("cartpole-reinforce", 400, steps=1),
    ),
    *(
        Relation(
            "finetune",
            f"{how} beats training from nothing on 7,680 letters by a twentieth of the loss at least",
            last(f"finetune-{how}", "test.loss"),
            last("finetune-scratch", "test.loss", 0.95),
        )
        for how in ("full", "head", "lora")
    ),
]

"""Runs of every task, short enough to be trained for a test."""

SMALL_GPT = {"model.layers": "1", "model.width": "16", "data.context": "8", "data.limit": "64"}
QUIET = {"train.sample_every": "off"}

RUNS = {
    "digits": ("digits-mlp", {"train.steps": "40"}),
    "image": ("fashion-cnn", {"train.steps": "2", "data.limit": "64"}),
    "table": ("diabetes-linear", {"train.steps": "40"}),
    "language": ("docs-gpt", {**SMALL_GPT, **QUIET, "train.steps": "3"}),
    "texts": (
        "digits-mlp",
        {"data.name": "valence", "data.normalize": "none", "model.name": "textcnn", "train.steps": "3"},
    ),
    "pairs": (
        "digits-mlp",
        {"data.name": "reverse", "data.normalize": "none", "model.name": "seq2seq-gru", "train.steps": "3"},
    ),
    "masked": (
        "docs-gpt",
        {
            **SMALL_GPT,
            **QUIET,
            "model.name": "transformer-encoder",
            "data.task": "masked-model",
            "train.steps": "3",
        },
    ),
    "copies": (
        "digits-mlp",
        {"data.task": "autoencoder", "model.name": "autoencoder", "train.steps": "3", **QUIET},
    ),
    "surface": ("ravine-momentum", {"train.steps": "3"}),
    "policy": ("cartpole-reinforce", {"train.steps": "2", "data.longest": "20", **QUIET}),
    "ema": ("digits-mlp", {"train.steps": "20", "train.ema": "0.9"}),
    "early": ("digits-mlp", {"train.steps": "20", "train.early_stop": "3", "train.eval_every": "5"}),
    "both": (
        "digits-mlp",
        {"train.steps": "20", "train.early_stop": "3", "train.ema": "0.5", "train.eval_every": "5"},
    ),
    "lora": ("digits-mlp", {"train.steps": "20", "model.lora.rank": "4"}),
}

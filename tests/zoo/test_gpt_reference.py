"""GPT against the implementation that most people load GPT-2 with."""

import importlib
import importlib.util
import warnings

import pytest
import torch
from torch import Tensor

from tuilab.zoo.registries import models
from tuilab.zoo.tasks.language_model import LanguageModel

_PLACES = {
    "transformer.wte.": "tokens.",
    "transformer.wpe.": "positions.",
    "transformer.ln_f.": "norm.",
    "transformer.h.": "blocks.",
    ".ln_1.": ".attention_norm.",
    ".ln_2.": ".mlp_norm.",
    ".attn.c_attn.": ".attention.qkv.",
    ".attn.c_proj.": ".attention.out.",
    ".mlp.c_fc.": ".widen.",
    ".mlp.c_proj.": ".narrow.",
}
"""Their names for our weights."""

needs_transformers = pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None,
    reason="transformers is not installed; run `pip install -c constraints.txt transformers` and try again",
)


def _renamed(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    ours = {}
    for name, weight in weights.items():
        if name == "lm_head.weight":
            continue  # tied to the token embedding
        turned = weight.ndim == 2 and (".attn." in name or ".mlp." in name)  # stored (inputs, outputs)
        for theirs, own in _PLACES.items():
            name = name.replace(theirs, own)
        ours[name] = weight.T if turned else weight
    return ours


@needs_transformers
def test_gpt_2s_weights_renamed_give_the_same_logits() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # theirs, about itself
        theirs = importlib.import_module("transformers")
        torch.manual_seed(0)
        reference = theirs.GPT2LMHeadModel(
            theirs.GPT2Config(vocab_size=97, n_positions=24, n_embd=48, n_layer=3, n_head=4)
        )
    for parameter in reference.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    task = LanguageModel(
        input_shape=(24,), outputs=97, tokens=97, vocabulary=tuple(chr(33 + number) for number in range(97))
    )
    ours = models["gpt"].build(task, layers=3, heads=4, width=48)
    ours.load_state_dict(_renamed(dict(reference.state_dict())))
    x = torch.randint(97, (2, 24))
    with torch.no_grad():
        expected = reference.eval().double()(x).logits
        given = ours.eval().double()(x)
    torch.testing.assert_close(given, expected, rtol=1e-9, atol=1e-9)

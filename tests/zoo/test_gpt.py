import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tuilab.errors import TuilabError
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.language_model import LanguageModel


def _text(context: int, tokens: int) -> LanguageModel:
    return LanguageModel(
        input_shape=(context,), outputs=tokens, tokens=tokens, vocabulary=tuple(map(chr, range(tokens)))
    )


def test_the_shape_of_gpt2_has_its_parameter_count() -> None:
    with torch.device("meta"):
        gpt2 = models["gpt"].build(_text(1024, 50_257), layers=12, heads=12, width=768)
    assert sum(parameter.numel() for parameter in gpt2.parameters()) == 124_439_808


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 15), st.integers(0, 2**32 - 1))
def test_a_later_token_never_changes_earlier_scores(place: int, seed: int) -> None:
    torch.manual_seed(seed)
    model = models["gpt"].build(_text(16, 11), layers=2, heads=2, width=16)
    x = torch.randint(11, (2, 16))
    changed = x.clone()
    changed[:, place:] = torch.randint(11, (2, 16 - place))
    torch.testing.assert_close(model(x)[:, :place], model(changed)[:, :place], rtol=0, atol=1e-6)


def test_every_earlier_token_reaches_the_last_scores() -> None:
    torch.manual_seed(0)
    model = models["gpt"].build(_text(16, 11), layers=2, heads=2, width=16)
    inputs = torch.randn(1, 16, 16, requires_grad=True)
    model.get_submodule("tokens").register_forward_hook(lambda *_: inputs)
    model(torch.zeros(1, 16, dtype=torch.int64))[0, -1].square().sum().backward()
    assert inputs.grad is not None
    assert (inputs.grad.abs().sum(dim=2) > 0).all()


def test_it_starts_at_the_loss_of_an_even_guess() -> None:
    torch.manual_seed(0)
    model = models["gpt"].build(_text(32, 100))
    x = torch.randint(100, (8, 33))
    loss = torch.nn.functional.cross_entropy(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())
    assert abs(loss.item() - 4.605) < 0.15


def test_heads_that_do_not_divide_the_width_are_refused_by_both_names() -> None:
    with pytest.raises(TuilabError, match=r"model\.heads: 6 heads .* width of 64 .* model\.width = 66"):
        models["gpt"].build(_text(8, 5), heads=6, width=64)


def test_a_sample_continues_the_prompt_and_leaves_the_run_alone() -> None:
    task = _text(8, 128)
    torch.manual_seed(0)
    model = models["gpt"].build(task, dropout=0.5)
    state = torch.get_rng_state()
    first, again = (task.sample(model, torch.device("cpu")) for _ in range(2))
    assert first == again
    assert [len(made.text) for made in first] == [len(prompt) + task.sample_length for prompt in task.prompts]
    assert all(made.text.startswith(prompt) for made, prompt in zip(first, task.prompts, strict=True))
    assert [made.data["prompt"] for made in first] == list(task.prompts)
    assert torch.equal(state, torch.get_rng_state())
    assert model.training

"""What reads texts: padding does not count, order does where it should, and directions do not leak."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tuilab.errors import TuilabError
from tuilab.zoo.models.recurrent import picked, turned
from tuilab.zoo.registries import models
from tuilab.zoo.tasks.classification import Classification
from tuilab.zoo.tasks.language_model import LanguageModel
from tuilab.zoo.tasks.masked_model import MaskedModel
from tuilab.zoo.tasks.regression import Regression

RECURRENT = ("rnn", "lstm", "gru")
TEXT = Classification(input_shape=(10,), outputs=3, tokens=12, classes=("a", "b", "c"))
LONGER = Classification(input_shape=(14,), outputs=3, tokens=12, classes=("a", "b", "c"))


def _texts() -> Tensor:
    """Return four texts of 1, 4, 7 and 10 words."""
    torch.manual_seed(1)
    words = torch.randint(1, 12, (4, 10))
    return words.masked_fill(torch.arange(10) >= torch.tensor([[1], [4], [7], [10]]), 0)


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("bag-of-words", {}),
        ("bag-of-words", {"pool": "max"}),
        *(
            (name, {"bidirectional": both, "read": read})
            for name in RECURRENT
            for both in (False, True)
            for read in ("last", "mean", "max")
        ),
        ("lstm", {"bidirectional": True, "layers": 2}),
        ("transformer-encoder", {"pool": "mean"}),
        ("transformer-encoder", {"pool": "max"}),
        ("transformer-encoder", {"pool": "first"}),
    ],
    ids=str,
)
def test_more_padding_changes_nothing(name: str, knobs: dict[str, object]) -> None:
    torch.manual_seed(0)
    model = models[name].build(LONGER, **knobs).eval()
    x = _texts()
    longer = nn.functional.pad(x, (0, 4))
    torch.testing.assert_close(model(longer), model(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["bag-of-words", "textcnn", *RECURRENT, "transformer-encoder"])
def test_an_empty_text_is_scored(name: str) -> None:
    model = models[name].build(TEXT)
    scores = model(torch.zeros(2, 10, dtype=torch.int64))
    assert scores.isfinite().all()
    scores.sum().backward()
    assert all(p.grad is None or bool(p.grad.isfinite().all()) for p in model.parameters())


def test_two_directions_are_torchs_own_over_packed_sequences() -> None:
    torch.manual_seed(0)
    x = _texts()
    lengths = (x != 0).sum(dim=1)
    reference = nn.LSTM(5, 6, batch_first=True, bidirectional=True)
    embedded = torch.randn(4, 10, 5)
    packed = pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
    expected, _ = pad_packed_sequence(reference(packed)[0], batch_first=True)
    there, back = nn.LSTM(5, 6, batch_first=True), nn.LSTM(5, 6, batch_first=True)
    for name, weight in reference.named_parameters():
        into = back if name.endswith("_reverse") else there
        into.get_parameter(name.removesuffix("_reverse")).data = weight.data
    places = turned(x != 0)
    both = torch.cat([there(embedded)[0], picked(back(picked(embedded, places))[0], places)], dim=2)
    real = (x != 0)[:, :, None]
    torch.testing.assert_close(both * real, expected * real)


@pytest.mark.parametrize("name", RECURRENT)
def test_a_language_model_sees_nothing_of_what_comes_after(name: str) -> None:
    torch.manual_seed(0)
    task = LanguageModel(input_shape=(10,), outputs=12, tokens=12, vocabulary=tuple("abcdefghijkl"))
    model = models[name].build(task, layers=2)
    x = _texts()
    changed = x.clone()
    changed[:, 6:] = 3
    torch.testing.assert_close(model(x)[:, :6], model(changed)[:, :6])
    assert not torch.equal(model(x)[:, 6:], model(changed)[:, 6:])
    with pytest.raises(TuilabError, match=r"model\.bidirectional: .* Choose false"):
        models[name].build(task, bidirectional=True)


@pytest.mark.parametrize("name", [*RECURRENT, "transformer-encoder"])
def test_a_masked_model_sees_both_sides(name: str) -> None:
    torch.manual_seed(0)
    task = MaskedModel(input_shape=(10,), outputs=11, tokens=12, vocabulary=tuple("abcdefghijk"))
    knobs = {} if name == "transformer-encoder" else {"bidirectional": True}
    model = models[name].build(task, **knobs).eval()
    x = _texts()
    changed = x.clone()
    changed[:, 9] = (x[:, 9] + 1) % 11
    assert (model(x)[:, 0] != model(changed)[:, 0]).any(dim=1).all()


@pytest.mark.parametrize("name", RECURRENT)
def test_a_series_of_one_feature_may_lack_its_axis(name: str) -> None:
    torch.manual_seed(0)
    flat = models[name].build(Regression(input_shape=(7,), outputs=1))
    torch.manual_seed(0)
    deep = models[name].build(Regression(input_shape=(7, 1), outputs=1))
    x = torch.randn(3, 7)
    assert torch.equal(flat(x), deep(x[:, :, None]))


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_memory_lasts_as_long_as_its_span(name: str) -> None:
    layer = models[name].build(TEXT, width=8, span=100).get_submodule("forwards.0")
    both = layer.get_parameter("bias_ih_l0") + layer.get_parameter("bias_hh_l0")
    torch.testing.assert_close(both[8:16].sigmoid(), torch.full((8,), 0.99))


def test_textcnn_of_the_papers_size_is_cnn_rand() -> None:
    task = Classification(input_shape=(50,), outputs=2, tokens=18_765, classes=("no", "yes"))
    model = models["textcnn"].build(task, width=300)
    expected = 18_765 * 300 + sum(100 * (300 * size + 1) for size in (3, 4, 5)) + 2 * 301
    assert sum(parameter.numel() for parameter in model.parameters()) == expected


def test_a_bag_of_words_reads_no_order_and_textcnn_does() -> None:
    torch.manual_seed(0)
    x = _texts()[3:]
    bag, phrases = models["bag-of-words"].build(TEXT).eval(), models["textcnn"].build(TEXT).eval()
    torch.testing.assert_close(bag(x), bag(x.flip(1)))
    assert not torch.allclose(phrases(x), phrases(x.flip(1)))


@pytest.mark.parametrize(("name", "remembers"), [("lstm", True), ("gru", True), ("rnn", False)])
def test_a_span_carries_a_token_over_sixty_steps_and_a_plain_network_does_not(
    name: str, remembers: bool
) -> None:
    """The long time lag of Hochreiter and Schmidhuber 1997, in small."""
    task = Classification(input_shape=(60,), outputs=4, tokens=8, classes=("a", "b", "c", "d"))
    torch.manual_seed(0)
    model = models[name].build(task, width=32, embedding=8, **({"span": 60} if remembers else {}))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(220):
        y = torch.randint(4, (32,))
        x = torch.randint(5, 8, (32, 60))
        x[:, 0] = y + 1
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    assert (loss.item() < 0.3) == remembers

"""Samples as they look: texts, translations, pictures beside their originals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuilab.charts.frame import Style
from tuilab.charts.samples import Look, Sample, SamplesView, samples

RAMP = np.array([[0, 255], [255, 0]], np.uint8)


def shown(looks: list[Look], width: int, height: int, glyphs: str = "braille") -> list[str]:
    return [row.rstrip() for row in samples(SamplesView(width, height, glyphs=glyphs), looks).text()]


def test_what_was_given_is_quiet_and_a_wrong_guess_is_marked() -> None:
    looks = [Look(2000, [Sample("ab -> AB", right=True), Sample("c -> D   (C)", right=False)])]
    assert shown(looks, 20, 4) == ["step 2,000 ─────────", "✓ ab -> AB", "✗ c -> D   (C)", ""]
    assert shown(looks, 20, 3, "ascii")[1:] == ["+ ab -> AB", "x c -> D   (C)"]
    frame = samples(SamplesView(20, 2), [Look(1, [Sample("To be", given=2)])])
    assert frame.styles[1, 2:7].tolist() == [Style.TEXT] * 2 + [Style.BLANK] * 3


def test_pictures_stand_beside_their_originals_as_large_as_fits() -> None:
    large = np.kron(RAMP, np.ones((4, 4), np.uint8))
    looks = [Look(5, [Sample("text", pictures={"original": large, "copy": 255 - large // 2})])]
    assert shown(looks, 24, 6) == [
        "step 5 ─────────────────",
        "original  copy",
        "    ⣿⣿⣿⣿  ⣿⣿⣿⣿⢕⢕⢕⢕",
        "    ⣿⣿⣿⣿  ⣿⣿⣿⣿⢕⢕⢕⢕",
        "⣿⣿⣿⣿      ⢕⢕⢕⢕⣿⣿⣿⣿",
        "⣿⣿⣿⣿      ⢕⢕⢕⢕⣿⣿⣿⣿",
    ]
    assert shown(looks, 40, 10)[2] == "        ████████  ████████▒▒▒▒▒▒▒▒"
    assert shown(looks, 24, 6, "ascii")[2] == "    @@@@  @@@@++++"
    assert shown(2 * looks, 16, 9)[4] == "step 5 ─────────"


def test_a_copy_is_drawn_on_the_scale_of_its_original() -> None:
    faint = Sample(pictures={"original": RAMP, "copy": RAMP // 4})
    assert shown([Look(1, [faint])], 10, 4)[2:] == ["  ██    ░░", "██    ░░"]


@given(
    st.text(max_size=60),
    st.integers(0, 60),
    st.integers(0, 12),
    st.sampled_from(["braille", "half", "ascii"]),
)
def test_no_text_and_no_size_breaks_it(text: str, width: int, height: int, glyphs: str) -> None:
    picture = Sample(pictures={"a": np.zeros((9, 3), np.uint8), "b": np.full((9, 3), 255, np.uint8)})
    looks = [Look(1, [Sample(text, given=3), picture, Sample(text)])]
    frame = samples(SamplesView(width, height, glyphs=glyphs), looks)
    assert frame.chars.shape == (height, width)
    assert all(row.isprintable() for row in frame.text())


@pytest.mark.parametrize("glyphs", ["braille", "half", "ascii"])
def test_a_screen_without_samples_is_empty(glyphs: str) -> None:
    assert shown([], 10, 2, glyphs) == ["", ""]

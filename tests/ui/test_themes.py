"""What is to be read can be read: contrasts, computed from the themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.color import Color as Sent
from rich.color import ColorSystem
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from textual.color import Color
from textual.theme import Theme

import tuilab.ui
from tuilab.ui.styles.themes import DARK, LIGHT
from tuilab.ui.widgets.looks import LOOKS

TEXT, DECORATION = 4.5, 3.0
READ = (
    "foreground",
    "text-muted",
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-warning",
    "text-error",
)
"""Colours of words and figures."""

MIXED = re.compile(r"(?<![-\w])color: \$([a-z]+) (\d+)%")
"""Shares of a colour that stand before the background."""


@pytest.fixture(params=[DARK, LIGHT], ids=lambda theme: theme.name)
def theme(request: pytest.FixtureRequest) -> Theme:
    found: Theme = request.param
    return found


def colour(theme: Theme, name: str) -> Color:
    return Color.parse({**theme.to_color_system().generate(), **theme.variables}[name])


def grounds(theme: Theme) -> list[Color]:
    """What text stands on: the screen, bars and dialogs, the line under the cursor."""
    background = colour(theme, "background")
    return [
        background,
        colour(theme, "surface"),
        background.blend(colour(theme, "accent"), 0.2),
        background.blend(colour(theme, "foreground"), 0.08),
    ]


def luminance(colour: Color) -> float:
    parts = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def sent(colour: Color, system: ColorSystem) -> Color:
    """The colour as a terminal with fewer of them is told."""
    fewer = Sent.from_rgb(*colour.rgb).downgrade(system)
    return Color(*fewer.get_truecolor(DEFAULT_TERMINAL_THEME))


@pytest.mark.parametrize("name", READ)
def test_words_stand_out_wherever_they_stand(theme: Theme, name: str) -> None:
    for ground in grounds(theme):
        assert contrast(colour(theme, name), ground) >= TEXT


@pytest.mark.parametrize("name", ["accent", "error"])
def test_the_colours_of_keys_and_problems_stand_out(theme: Theme, name: str) -> None:
    for ground in grounds(theme)[:2]:
        assert contrast(colour(theme, name), ground) >= TEXT


@pytest.mark.parametrize("name", ["text-disabled", "border-blurred"])
def test_frames_and_axes_are_seen(theme: Theme, name: str) -> None:
    for ground in grounds(theme)[:2]:
        assert contrast(colour(theme, name), ground) >= DECORATION


@pytest.mark.parametrize("name", READ)
def test_words_stand_out_in_256_colours_and_in_16(theme: Theme, name: str) -> None:
    ground = colour(theme, "background")
    for system, least in ((ColorSystem.EIGHT_BIT, TEXT), (ColorSystem.STANDARD, DECORATION)):
        assert contrast(sent(colour(theme, name), system), sent(ground, system)) >= least


def mixtures() -> Iterator[tuple[str, str, int]]:
    """Every share of a colour that anything is drawn in, but for the shades of heat maps."""
    for path in Path(tuilab.ui.__file__).parent.rglob("*"):
        if path.suffix in (".py", ".tcss"):
            for line in path.read_text(encoding="utf-8").splitlines():
                for name, share in MIXED.findall(line):
                    yield path.name, name, int(share)
    for role, look in LOOKS.items():
        if look.percent < 100 and not re.search(r"chart--(heat|warm|cold)", role):
            yield role, look.colour, look.percent


@pytest.mark.parametrize(("file", "name", "share"), sorted(set(mixtures())))
def test_what_is_drawn_in_a_share_of_a_colour_is_seen(theme: Theme, file: str, name: str, share: int) -> None:
    ground = colour(theme, "background")
    assert contrast(ground.blend(colour(theme, name), share / 100), ground) >= DECORATION

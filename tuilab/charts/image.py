"""Small grey images as characters: a look at a dataset's samples.

Pixels are averaged over the dots of a cell, then set or left out by comparing them with a pattern of
thresholds (Bayer's ordered dither), so that grey shows as density. ASCII has no dots; there, heavier
characters are brighter.
"""

import numpy as np
from numpy.typing import NDArray

from tuilab.charts.buckets import Floats
from tuilab.charts.canvas import Glyphs, glyphs_named

_RAMP = " .:-=+*#%@"

_BAYER = (np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) + 0.5) / 16


Limits = tuple[float, float]


def image(
    pixels: NDArray[np.generic],
    width: int,
    height: int,
    glyphs: str = "braille",
    limits: Limits | None = None,
) -> list[str]:
    """Draw an image in so many columns and rows, bright where pixels are high.

    Args:
        pixels: (rows, columns) of any numbers; the smallest is drawn black, the largest white.
        width: Columns of characters.
        height: Rows of characters; half as many as columns keep a square square.
        glyphs: The rung of the ladder.
        limits: What is drawn black and white instead, where images are to be compared.

    >>> image(np.eye(8), 4, 2)
    ['⠑⢄  ', '  ⠑⢄']
    >>> image(np.eye(4), 4, 4, "ascii")
    ['@   ', ' @  ', '  @ ', '   @']
    """
    rung = glyphs_named(glyphs)
    across, down = (1, 1) if rung.ascii else (rung.across, rung.down)
    grey = resized(normalized(pixels, limits), height * down, width * across)
    if rung.ascii:
        return ["".join(_RAMP[level] for level in row) for row in (grey * 9.999).astype(int).tolist()]
    tiles = np.tile(_BAYER, (-(-len(grey) // 4), -(-grey.shape[1] // 4)))[: len(grey), : grey.shape[1]]
    return _text(rung, grey > tiles)


def half_blocks(pixels: NDArray[np.generic], width: int, height: int) -> NDArray[np.uint8]:
    """Grey levels for terminals with colours: (rows, columns, 2), the upper and the lower half of each cell.

    Drawn as "▀" with the first as its colour and the second behind it, two pixels share a cell.

    >>> half_blocks(np.eye(2), 2, 1).tolist()
    [[[255, 0], [0, 255]]]
    """
    grey = resized(normalized(pixels), height * 2, width) * 255
    levels: NDArray[np.uint8] = grey.round().astype(np.uint8).reshape(height, 2, width).transpose(0, 2, 1)
    return levels


def normalized(pixels: NDArray[np.generic], limits: Limits | None = None) -> Floats:
    """Pixels from 0 to 1; those that are not finite are black, and an even image is grey."""
    values = np.asarray(pixels, np.float64)
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros_like(values)
    low, high = limits or (values[finite].min(), values[finite].max())
    values = np.clip(values, low, high)
    if low == high:
        return np.where(finite, 0.5, 0.0)
    shares: Floats = (np.where(finite, values, low) / 4 - low / 4) / (high / 4 - low / 4)
    return shares


def resized(grey: Floats, rows: int, columns: int) -> Floats:
    """Average pixels over the area of each target pixel.

    >>> resized(np.array([[0.0, 1.0, 1.0, 0.0]]), 1, 2).tolist()
    [[0.5, 0.5]]
    """
    return _areas(len(grey), rows) @ grey @ _areas(grey.shape[1], columns).T


def _areas(source: int, target: int) -> Floats:
    """(target, source): the share of each source pixel in each target pixel."""
    edges = np.linspace(0, source, target + 1)
    ends, begins = edges[1:, None], edges[:-1, None]
    pixels = np.arange(source)
    overlap = np.minimum(ends, pixels + 1) - np.maximum(begins, pixels)
    areas: Floats = np.maximum(overlap, 0) * (target / source)
    return areas


def _text(rung: Glyphs, dots: NDArray[np.bool_]) -> list[str]:
    """Rows of dots as rows of characters."""
    rows, columns = len(dots) // rung.down, dots.shape[1] // rung.across
    codes = np.zeros((rows, columns), np.uint8)
    for column, bits in enumerate(rung.bits):
        for row, bit in enumerate(bits):
            codes |= dots[row :: rung.down, column :: rung.across] * np.uint8(bit)
    return ["".join(map(chr, row)) for row in rung.chars[codes].tolist()]

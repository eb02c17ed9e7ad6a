"""What a line chart looks like."""

import numpy as np

from tuilab.charts.line import Curve, View, draw
from tuilab.charts.series import Series


def series(*values: float, start: int = 0, every: int = 1) -> Series:
    made = Series()
    made.extend(start + every * np.arange(len(values)), np.array(values))
    return made


def test_a_rising_line_is_drawn_corner_to_corner() -> None:
    frame = draw(View(4, 2, 0, 7, y_limits=(0, 7)), [Curve("loss", series(*range(8)))])
    assert frame.text() == ["  ⡠⠊", "⡠⠊  "]


def test_limits_hold_all_that_is_finite() -> None:
    frame = draw(View(40, 10, 0, 3), [Curve("loss", series(1e308, -1e308, 5e-324, np.nan))])
    assert frame.y_limits[0] <= -1e308
    assert frame.y_limits[1] >= 1e308

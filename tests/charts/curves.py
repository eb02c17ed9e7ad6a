"""Curves to draw, and what of a frame is compared."""

import numpy as np

from tuilab.charts.frame import Frame
from tuilab.charts.series import Series


def series(*values: float, every: int = 1) -> Series:
    made = Series()
    made.extend(every * np.arange(len(values)), np.array(values, np.float64))
    return made


def shown(frame: Frame) -> list[str]:
    return [row.rstrip() for row in frame.text()]


falling = [100 / (step + 10) for step in range(60)]
spiked = [1.0] * 1234 + [9.0] + [1.0] * 1765
up, down = series(*range(60)), series(*range(59, -1, -1))

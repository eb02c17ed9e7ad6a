"""Ticks: the round numbers a person would write beside an axis, and how to write them short."""

import math
from collections.abc import Sequence

_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below a rough step.

    >>> nice_step(0.3), nice_step(7), nice_step(20), nice_step(20.1)
    (0.5, 10.0, 20.0, 50.0)
    """
    rough = min(max(rough, 1e-307), 1e308)
    exponent = math.floor(math.log10(rough))
    for power in (exponent, exponent + 1):
        for digit in "125":
            step = float(f"{digit}e{power}")
            if step >= rough * (1 - 1e-9):
                return step
    return float(f"1e{min(exponent + 1, 308)}")


def linear_ticks(low: float, high: float, most: int, whole: bool = False) -> tuple[list[float], float]:
    """At most so many round values from `low` to `high`, and their distance.

    >>> linear_ticks(0.0, 2.3, 5)
    ([0.0, 0.5, 1.0, 1.5, 2.0], 0.5)
    """
    span = high / 2 - low / 2
    step = nice_step(max(min(span, 5e307) / max(most, 1) * 2, 1 if whole else 0))
    if not span > 0 or step < math.ulp(max(abs(low), abs(high))):
        return [low], step
    while True:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most or step > 1e307:
            break
        step = nice_step(step * 1.5)
    return [_times(index, step) for index in range(first, min(last, first + most - 1) + 1)], step


def _times(index: int, step: float) -> float:
    """A multiple of a step without the dust of binary fractions: 3 * 0.1 is 0.3."""
    digit, exponent = f"{step:e}".split("e")
    return float(f"{index * round(float(digit))}e{exponent}")


def time_ticks(low: float, high: float, most: int) -> tuple[list[float], float]:
    """The same for seconds, where round means whole minutes, hours and days.

    >>> time_ticks(0, 7000, 5)
    ([0.0, 1800.0, 3600.0, 5400.0], 1800.0)
    """
    rough = (high - low) / max(most, 1)
    if rough < 1:
        return linear_ticks(low, high, most)
    step: float = next((step for step in _TIME_STEPS if step >= rough), 0)
    if not step:
        step = 86400 * nice_step(rough / 86400)
    first = math.ceil(low / step - 1e-9)
    count = min(math.floor(high / step + 1e-9) - first + 1, most)
    return [(first + index) * float(step) for index in range(count)], float(step)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Powers of ten from `low` to `high`, with 2 and 5 between if there is room, or only every so many.

    >>> log_ticks(0.001, 1.0, 4), log_ticks(0.5, 9, 5)
    ([0.001, 0.01, 0.1, 1.0], [0.5, 1.0, 2.0, 5.0])
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    inside = [
        [
            value
            for exponent in range(first, last + 1)
            for digit in digits
            if low * (1 - 1e-9) <= (value := float(f"{digit}e{exponent}")) <= min(high * (1 + 1e-9), 1.79e308)
        ]
        for digits in ("125", "13", "1")
    ]
    for ticks in inside:
        if 2 <= len(ticks) <= most:
            return ticks
    decades = inside[-1]
    if len(decades) < 2:
        return inside[0][:most] or linear_ticks(low, high, most)[0]
    return decades[:: math.ceil(len(decades) / max(most, 1))]


def short(value: float) -> str:
    """A value in at most nine characters: four digits, and a power of ten for the very large and small.

    >>> short(0.123456), short(1234567.0), short(0.0000123), short(float("nan"))
    ('0.1235', '1.235e6', '1.23e-5', 'NaN')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def number_labels(values: Sequence[float], step: float) -> list[str]:
    """Values written alike, with as many digits as their distance needs.

    >>> number_labels([0.0, 0.5, 1.0], 0.5), number_labels([0.0, 5e3, 1e4], 5e3)
    (['0', '0.5', '1.0'], ['0', '5k', '10k'])
    >>> number_labels([0.0, 5e-5, 1e-4], 5e-5)
    ['0', '5e-5', '1e-4']
    """
    largest = max((abs(value) for value in values), default=0.0)
    if largest >= 1e15 or 0 < largest < 1e-3:
        return [_power(value, step) for value in values]
    unit, suffix = 1.0, ""
    if largest >= 1e4 or (largest >= 1e3 and step >= 1e3):
        unit, suffix = next(pair for pair in _UNITS if pair[0] <= largest)
    decimals = min(max(0, -math.floor(math.log10(step / unit) + 1e-9)), 9)
    return ["0" if value == 0 else f"{value / unit:.{decimals}f}{suffix}" for value in values]


def _power(value: float, step: float) -> str:
    """A value as mantissa and power of ten."""
    if value == 0:
        return "0"
    digits = (
        max(0, math.floor(math.log10(abs(value))) - math.floor(math.log10(step) + 1e-9)) if step > 0 else 3
    )
    mantissa, exponent = f"{value:.{min(digits, 6)}e}".split("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def log_labels(values: Sequence[float]) -> list[str]:
    """Values of a logarithmic axis.

    >>> log_labels([0.0001, 0.001, 0.01, 1.0, 100.0, 20000.0, 1e7])
    ['1e-4', '1e-3', '0.01', '1', '100', '20k', '10M']
    """
    labels = []
    for value in values:
        if 0.01 <= value < 1e4:
            labels.append(f"{value:g}")
        elif 1e4 <= value < 1e15:
            unit, suffix = next(pair for pair in _UNITS if pair[0] <= value)
            labels.append(f"{value / unit:g}{suffix}")
        else:
            labels.append(_power(value, value))
    return labels


def time_label(seconds: float, step: float) -> str:
    """Seconds as a person writes them on an axis.

    >>> [time_label(value, 30) for value in (0, 30, 90, 3600, 5430)]
    ['0', '30s', '1m30', '1h', '1h30m30']
    >>> time_label(1.5, 0.5), time_label(90000, 3600)
    ('1.5s', '1d1h')
    """
    if seconds == 0:
        return "0"
    if step < 1:
        return f"{seconds:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}s"
    whole = round(seconds)
    parts = ((whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "m"), (whole % 60, "s"))
    text = "".join(f"{number}{unit}" for number, unit in parts if number)
    return text[:-1] if len(text) > 3 and text.endswith("s") and "m" in text else text

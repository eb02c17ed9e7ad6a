"""Numbers as a person reads them, in widths that do not jump about."""

import math

from tuilab.words import size as size


def figure(value: float) -> str:
    """Return four significant digits.

    >>> [figure(x) for x in (0.23415, 12.3, 1234.5, 3e-4, 7.123e9, 0.0, float("nan"))]
    ['0.2341', '12.30', '1234', '3.00e-4', '7.12e9', '0', 'nan']
    """
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 99999.5:
        return f"{value:#.4g}".rstrip(".") if abs(value) < 9999.5 else f"{value:.0f}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def plain(value: float) -> str:
    """Return a value that was chosen, without digits nobody gave.

    >>> plain(3e-3), plain(1e-5), plain(0.0001)
    ('0.003', '1e-5', '1e-4')
    """
    if value == 0 or 1e-3 <= abs(value) < 1e6:
        return f"{value:.6g}"
    mantissa, exponent = f"{value:.5e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def count(value: int) -> str:
    """Return a whole number with its thousands apart.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{value:,}"


def duration(seconds: float) -> str:
    """Return a time a person can plan with.

    >>> [duration(s) for s in (7.2, 75, 3661, 200000)]
    ['0:07', '1:15', '1:01:01', '2d 07h']
    """
    whole = int(seconds)
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{days}d {hours:02}h"
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}"


def moment(seconds: float, span: float) -> str:
    """Return a time as exactly as an axis that is `span` seconds long tells its columns apart.

    >>> [moment(259219.97, span) for span in (1e6, 7200, 60, 0.05)], moment(19.97, 20)
    (['3d 00h', '3d 0:00:20', '3d 0:00:20.0', '3d 0:00:19.970'], '0:20.0')
    """
    if span > 2 * 86400 or not span > 0:
        return duration(seconds)
    digits = min(max(math.ceil(2 - math.log10(span)), 0), 3)
    whole, part = divmod(round(seconds * 10**digits), 10**digits)
    days, rest = divmod(whole, 86400)
    # With days, hours are always there: 3d 0:19 could be either.
    clock = f"{days}d {rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}" if days else duration(rest)
    return f"{clock}.{part:0{digits}}" if digits else clock


def rate(per_second: float) -> str:
    """Return how often something happens.

    >>> [rate(r) for r in (0.031, 2.512, 412.7, 12345.0)]
    ['0.03', '2.51', '413', '12.3k']
    """
    if per_second < 10:
        return f"{per_second:.2f}"
    if per_second < 100:
        return f"{per_second:.1f}"
    return f"{per_second:.0f}" if per_second < 10_000 else f"{per_second / 1000:.1f}k"

"""JSON that every reader reads: it has no number for what is not finite, so that is a word."""

import math
from typing import Any


def worded(value: Any) -> Any:
    """Return the value with "nan", "inf" and "-inf" in place of what JSON cannot say.

    A reader gets the number back by `float`.

    >>> worded({"loss": math.nan, "all": [1.0, -math.inf]})
    {'loss': 'nan', 'all': [1.0, '-inf']}
    """
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: worded(item) for key, item in value.items()}
    return [worded(item) for item in value] if isinstance(value, list | tuple) else value

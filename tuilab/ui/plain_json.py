"""JSON that every reader reads: it has no word for NaN."""

import math
from typing import Any


def finite(value: Any) -> Any:
    """Return the value with null in place of NaN and infinities.

    >>> finite({"loss": math.nan, "all": [1.0, math.inf]})
    {'loss': None, 'all': [1.0, None]}
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list | tuple) else value

"""Plain tables as TOML: the standard library reads it and does not write it.

A spec is all that is ever written, so this knows its few kinds of values, and a worker's
machine needs no package for it.
"""

import json
from collections.abc import Mapping
from typing import Any


def dumps(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return named tables as a TOML text; `tomllib.loads` gives them back.

    >>> print(dumps({"model": {"name": "mlp", "width": [64, 32], "lora": {"rank": 4}}}), end="")
    [model]
    name = "mlp"
    width = [64, 32]
    lora = { rank = 4 }

    Raises:
        TypeError: a value is none that TOML has.
    """
    return "\n".join(
        f"[{_key(name)}]\n" + "".join(f"{_key(key)} = {_value(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(int(value))
        case float():
            return repr(float(value))
        case str():
            return _text(value)
        case list() | tuple():
            items = [_value(item) for item in value]
            if any(isinstance(item, Mapping) for item in value):  # a line each
                return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
            return f"[{', '.join(items)}]"
        case Mapping():
            pairs = [f"{_key(key)} = {_value(item)}" for key, item in value.items()]
            return f"{{ {', '.join(pairs)} }}" if pairs else "{}"
    raise TypeError(f"TOML has nothing for a {type(value).__name__}.")


def _key(name: str) -> str:
    bare = name.replace("_", "a").replace("-", "a")
    return name if bare.isascii() and bare.isalnum() else _text(name)


def _text(text: str) -> str:
    # JSON's escapes are TOML's, but that TOML wants DEL escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

"""Shapes of tensors, written into signatures: `Float[Tensor, "batch out"]`.

They are checked where jaxtyping was loaded before this module, which only the
tests do. Anywhere else each of them is the plain tensor, so the worker neither
needs the package nor pays for it.
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Float, Int
else:

    class _Unchecked:
        """Gives back the tensor type that stands before the shape."""

        def __class_getitem__(cls, item: tuple[Any, str]) -> Any:
            return item[0]

    Float = Int = _Unchecked

__all__ = ["Float", "Int"]

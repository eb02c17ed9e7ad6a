"""What can be chosen: datasets, models, losses, optimizers; one thing a file.

A file enters itself with `@models.register("name", source=...)`. Nothing else
has to know of it: `load` imports every file of these folders, and a user's own.
"""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

from tuilab.errors import TuilabError
from tuilab.registry import Card, Registry
from tuilab.schedules import schedules
from tuilab.zoo.registries import datasets, losses, models, optimizers

REGISTRIES: dict[str, Registry] = {
    "datasets": datasets,
    "models": models,
    "losses": losses,
    "optimizers": optimizers,
    "schedules": schedules,
}


def load(own_files: Iterable[Path] = ()) -> None:
    """Import every component of the package, then the user's own files.

    Raises:
        TuilabError: a user's file is not there or fails while it is imported.
    """
    for folder in ("datasets", "models", "losses", "optimizers"):
        package = importlib.import_module(f"tuilab.zoo.{folder}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"tuilab.zoo.{folder}.{module.name}")
    for path in own_files:
        _load_own(path)


def _load_own(path: Path) -> None:
    name = f"tuilab_own_{path.stem}"
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise TuilabError(f"--zoo {path}: there is no such Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise TuilabError(f"--zoo {path}: {type(error).__name__}: {error}") from error


def describe() -> dict[str, list[Card]]:
    """Return the cards of everything registered, by the registry's plural name."""
    return {kind: [entry.card for entry in registry] for kind, registry in REGISTRIES.items()}

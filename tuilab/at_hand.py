"""Whether a data set is on this machine already, told from its card alone."""

from pathlib import Path

from tuilab.registry import Card


def at_hand(card: Card, cache: Path) -> bool:
    """Return whether a data set can be used without fetching anything.

    Args:
        card: of the data set; its fact `files` gives names and sizes (0: any).
        cache: the folder of fetched data, `data` in tuilab's home.
    """
    if card.facts.get("at_hand", True):
        return True
    files: dict[str, int] = card.facts.get("files", {})
    return bool(files) and all(_stands(cache / name, size) for name, size in files.items())


def _stands(path: Path, size: int) -> bool:
    try:
        found = path.stat().st_size
    except OSError:
        return False
    return found == size if size else found > 0

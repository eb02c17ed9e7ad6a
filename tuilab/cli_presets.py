"""Presets in a list: what each shows, and what it asks of the machine and of the reader's time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tuilab import presets
from tuilab.at_hand import at_hand
from tuilab.catalog import Catalog
from tuilab.errors import TuilabError
from tuilab.registry import Card
from tuilab.spec import Raw
from tuilab.ui.widgets.figures import size


def rows(home: Path, catalog: Catalog) -> list[dict[str, Any]]:
    """Return the [preset] tables, shipped ones first, then those saved from the lab."""
    found = [(name, name, "") for name in presets.names()]
    found += [(path.stem, str(path), "your own") for path in sorted((home / "presets").glob("*.toml"))]
    listed = []
    for name, reference, group in found:
        try:
            raw = presets.load(reference)
        except TuilabError as error:
            raw = {"preset": {"about": str(error)}}  # listed all the same: running it says what is wrong
        table = raw.get("data", {})
        data = str(table.get("name", "")) if isinstance(table, dict) else ""
        card = catalog.cards["datasets"].get(data)
        here = card is None or at_hand(card, home / "data")
        row = {**raw.get("preset", {}), "name": name, "data": data, "at_hand": here}
        listed.append({**row, **({"group": group} if group else {}), "hint": _hint(row, card, raw)})
    return listed


def _hint(preset: Mapping[str, Any], card: Card | None, raw: Raw) -> str:
    """Return what a preset needs that others do not, and how long it takes where its file says so."""
    facts = card.facts if card else {}
    words = ["needs a GPU"] if preset.get("needs") == "gpu" else []
    if extra := facts.get("extra"):
        words.append(f"needs the extra [{extra}]")
    if not preset["at_hand"]:
        # The knob that a data set grows with says how many more files there are to come.
        least = "at least " if facts.get("grows") in raw["data"] else ""
        words.append(
            f"fetches {least}{size(facts['bytes'])} first" if facts.get("bytes") else "fetches its data"
        )
    if preset.get("takes"):
        words.append(f"takes {preset['takes']}")
    return ", ".join(words)

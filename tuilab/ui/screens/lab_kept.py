"""What was changed in the lab and not yet saved, kept from one launch to the next: nothing is ever lost.

One small file holds every changed preset as it stands, half-typed values included. It is
written when a change has settled, so that a dropped link costs nothing either.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuilab.ui.screens.lab_draft import Draft


class KeptDrafts:
    """Reads the file once; writes it where something differs."""

    def __init__(self, home: Path) -> None:
        self._path = home / "drafts.json"
        self._kept: dict[str, Any] | None = None

    def presets(self) -> list[str]:
        """Return the presets that something was changed in."""
        return list(self._read())

    def take_up(self, key: str, draft: "Draft") -> None:
        """Put into a fresh draft what was changed in it before; what cannot be read any more is left out."""
        kept = self._read().get(key)
        if kept is not None:
            with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
                tables = {table: dict(knobs.items()) for table, knobs in kept["raw"].items()}
                unread = {name: (text, why) for name, (text, why) in kept["unread"].items()}
                draft.take_up(tables, unread)

    def keep(self, drafts: "Mapping[str, Draft]", but: Iterable[str] = ()) -> None:
        """Write down every draft that differs from its preset; a home that cannot be written keeps none.

        Args:
            drafts: by the key of the preset.
            but: keys of those that are no longer worth it.
        """
        kept = dict(self._read())
        for key, draft in drafts.items():
            kept.pop(key, None)
            if draft.changes:
                kept[key] = draft.standing
        for key in but:
            kept.pop(key, None)
        if kept == self._kept:
            return
        self._kept = kept
        aside = self._path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            aside.write_text(json.dumps(kept), encoding="utf-8")
            aside.rename(self._path)

    def _read(self) -> dict[str, Any]:
        if self._kept is None:
            try:
                found = json.loads(self._path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                found = {}
            self._kept = found if isinstance(found, dict) else {}
        return self._kept

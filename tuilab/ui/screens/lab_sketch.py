"""A sketch of a preset: its own words, before anybody has read the zoo.

On the very first launch the knobs of each component are known only once torch is
imported. What the preset itself says is shown at once; it is to be read, not changed.
"""

from collections.abc import Iterator

from tuilab.knobs import Field, show
from tuilab.schedules import Schedule, schedules
from tuilab.spec import COMPONENTS, Raw
from tuilab.ui.screens.lab_row import Row


def rows(raw: Raw, tables: tuple[str, ...]) -> list[Row]:
    """Return what the preset says in some tables, component first.

    >>> raw = {"model": {"name": "mlp", "width": [8]}, "loss": {}}
    >>> [(row.label, row.text) for row in rows(raw, ("model", "loss"))]
    [('model', 'mlp'), ('width', '[8]')]
    """
    return [row for table in tables for row in _table_rows(raw, table)]


def _table_rows(raw: Raw, table: str) -> Iterator[Row]:
    said = raw.get(table, {})
    if not isinstance(said, dict):
        return
    ordered = sorted(said.items(), key=lambda item: item[0] != "name")
    for number, (name, value) in enumerate(ordered):
        label = table if name == "name" and table in COMPONENTS else name
        field = Field(name, ("str",), (), value, "")
        yield Row(f"{table}.{name}", label, show(value), field, "", default=True, starts_table=number == 0)


def rate(raw: Raw) -> tuple[float, Schedule, int] | None:
    """Return the learning rate, its schedule, and the steps of the run (0: not said), as far as said."""
    said, optimizer, train = (raw.get(table, {}) for table in ("schedule", "optimizer", "train"))
    base, name = optimizer.get("lr"), said.get("name")
    if not isinstance(base, int | float) or name not in schedules:
        return None
    known = {field.name for field in schedules[name].card.fields}
    knobs = {key: value for key, value in said.items() if key in known}
    steps = train.get("steps", 0)
    return float(base), schedules[name].build(**knobs), steps if isinstance(steps, int) else 0

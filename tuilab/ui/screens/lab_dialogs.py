"""Which dialog belongs to which knob."""

from tuilab.registry import Card
from tuilab.spec import COMPONENTS
from tuilab.ui.screens.lab_about import AboutScreen
from tuilab.ui.screens.lab_draft import Draft
from tuilab.ui.screens.lab_picker import PickScreen
from tuilab.ui.screens.lab_row import Row
from tuilab.ui.widgets.find_list import Item


def picker(draft: Draft, row: Row) -> PickScreen:
    """Return the list to choose a component or a word from."""
    table = row.key.partition(".")[0]
    if not row.names_component:
        items = [Item(word, word) for word in row.choices]
        return PickScreen(row.key, items, row.text, {})
    cards = draft.catalog.cards[COMPONENTS[table]]
    names = list(cards)
    dataset = str(draft.value("data.name"))
    if table in ("model", "loss") and dataset in draft.catalog.cards["datasets"]:
        task = draft.catalog.task_of(dataset, str(draft.value("data.task") or "auto"))
        names = draft.catalog.fitting(COMPONENTS[table], task.name)
    items = [Item(name, name, "", cards[name].about) for name in names]
    return PickScreen(table, items, row.text, cards)


def about(draft: Draft, row: Row) -> AboutScreen:
    """Return the page about a knob's component, or about the table it stands in."""
    table = row.key.partition(".")[0]
    rows = [one for pane in ("data", "model", "optimizer", "schedule", "train") for one in draft.rows(pane)]
    fields = tuple(one.field for one in rows if one.key.startswith(f"{table}.") and not one.names_component)
    name = str(draft.value(f"{table}.name") or "") if table in COMPONENTS else ""
    card = draft.catalog.cards[COMPONENTS[table]].get(name) if name else None
    if card is None:
        return AboutScreen(Card(table, "", "Settings that every experiment has.", "", fields), row.key)
    return AboutScreen(Card(card.name, card.about, card.doc, card.source, fields, card.facts), row.key)

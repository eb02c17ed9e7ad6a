"""What presets of one family show together, run by run: `pytest -m slow`."""

from collections.abc import Callable

import pytest

from tests.families import RELATIONS
from tests.relation import Relation, families, members
from tuilab.runs import Run

SEEDS = (0, 1, 2)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.says.replace(" ", "-"))
def test_a_family_makes_its_point(relation: Relation, seed: int, full_run: Callable[[str, int], Run]) -> None:
    runs = {name: full_run(name, seed) for name in relation.presets}
    less, more = relation.less(runs), relation.more(runs)
    assert less < more


@pytest.mark.parametrize("family", families())
def test_a_family_has_members_and_a_point(family: str) -> None:
    assert len(members(family)) > 1
    assert [relation for relation in RELATIONS if relation.family == family]


def test_relations_are_of_families_that_there_are() -> None:
    assert {relation.family for relation in RELATIONS} <= set(families())

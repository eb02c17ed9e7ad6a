"""Commands: a maildir that any number of screens write and one worker empties."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tuilab.commands import Command, send, take


def test_commands_come_out_in_the_order_they_were_sent_and_once(tmp_path: Path) -> None:
    folder = tmp_path / "commands"
    for number in range(50):
        send(folder, Command("set", {"optimizer.lr": number}))
    assert [command.values["optimizer.lr"] for command in take(folder)] == list(range(50))
    assert take(folder) == []


def test_no_folder_is_no_commands(tmp_path: Path) -> None:
    assert take(tmp_path / "commands") == []


def test_a_command_still_being_written_is_not_seen(tmp_path: Path) -> None:
    send(tmp_path, Command("pause"))
    (tmp_path / ".00000000000000000000-1-000000").write_text('{"acti')
    assert [command.action for command in take(tmp_path)] == ["pause"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"values": {}}', '{"action": "stop", "colour": 1}'])
def test_a_file_that_is_no_command_is_put_aside_and_the_others_are_heard(tmp_path: Path, text: str) -> None:
    (tmp_path / "00000000000000000000-1-000000.json").write_text(text)
    send(tmp_path, Command("stop"))
    assert [command.action for command in take(tmp_path)] == ["stop"]
    assert take(tmp_path) == []
    assert len(list(tmp_path.glob("*.bad"))) == 1


_SENDER = """
import sys
from pathlib import Path
from tuilab.commands import Command, send
for number in range(200):
    send(Path(sys.argv[1]), Command("set", {sys.argv[2]: number}))
"""


def test_several_senders_at_once_lose_nothing_and_each_keeps_its_order(tmp_path: Path) -> None:
    folder = tmp_path / "commands"
    senders = [subprocess.Popen([sys.executable, "-c", _SENDER, str(folder), name]) for name in "abc"]
    heard: list[Command] = []
    while any(sender.poll() is None for sender in senders):
        heard += take(folder)
    heard += take(folder)
    assert [sender.returncode for sender in senders] == [0, 0, 0]
    for name in "abc":
        assert [c.values[name] for c in heard if name in c.values] == list(range(200))
    assert list(folder.iterdir()) == []


def test_a_command_is_plain_json(tmp_path: Path) -> None:
    send(tmp_path, Command("set", {"optimizer.lr": "3e-4"}))
    (path,) = tmp_path.glob("*.json")
    known = {"action": "set", "values": {"optimizer.lr": "3e-4"}, "id": path.stem}
    assert json.loads(path.read_text()) == known

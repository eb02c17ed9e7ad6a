"""What the README tells a newcomer to write works when it is copied as it stands."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def _tuilab(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TUILAB_HOME": str(folder / "home"), "PYTHONPATH": str(README.parent)}
    return subprocess.run(
        [sys.executable, "-m", "tuilab", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_model_a_data_set_and_an_optimizer_of_ones_own_train(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    own = [block for block in blocks if ".register(" in block]
    assert len(own) == 3
    for number, block in enumerate(own):
        (tmp_path / f"own_{number}.py").write_text(block)
    (tmp_path / "my_zoo.py").write_text("\n".join(own))
    command = re.findall(
        r"^    tuilab (--zoo .* run moons-mlp .*)$", README.read_text(encoding="utf-8"), re.M
    )[0]
    short = ["--set", "train.steps=4", "--set", "train.threads=1", "--plain", "--json"]
    for files in (["--zoo", "my_zoo.py"], [word for n in range(3) for word in ("--zoo", f"own_{n}.py")]):
        words = command.split()[2:]
        done = _tuilab(tmp_path, *files, *words, *short)
        assert done.returncode == 0, done.stderr
        summary = json.loads(done.stdout.splitlines()[-1])
        assert (summary["state"], summary["steps"]) == ("finished", 4)


def test_a_mistake_in_ones_own_file_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import torch\n"
        "from tuilab.zoo.registries import models\n"
        "@models.register('mine', source='x', tasks=['classification'])\n"
        "class Mine(torch.nn.Linear):\n"
        "    '''Mine.'''\n"
        "    def __init__(self, task):\n"
        "        super().__init__(2, task.outputs)\n"
        "    def forward(self, x):\n"
        "        return super().forward(x[:, :1])\n"
    )
    done = _tuilab(tmp_path, "--zoo", "mine.py", "run", "moons-mlp", "--set", "model.name=mine", "--plain")
    assert done.returncode == 2  # before there is a run
    assert "'mine' does not take what 'moons' gives" in done.stdout + done.stderr
    assert "mine.py, line 9, in forward" in done.stdout + done.stderr

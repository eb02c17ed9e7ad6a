"""Run presets at full length and hold them against what they promise: `python -m tests.benchmarks.presets`.

Prints a table in Markdown: each preset's time, its figure for every seed, the band its file
promises, the number that others report, and whether all seeds kept the band; then what the
families show together. Runs are kept under --home with `results.json` beside them, so that an
interrupted table goes on where it was; a preset that was changed is run anew, and so is
everything with --fresh (do that after changing code). Fetched data are shared with the lab.
"""

import argparse
import hashlib
import json
import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.families import RELATIONS
from tests.promises import figure, misses
from tests.relation import origin_preset
from tuilab import new_run, presets, supervise
from tuilab.cli_catalog import catalog_for
from tuilab.places import home_directory
from tuilab.resolve import assigned, resolve
from tuilab.runs import Run
from tuilab.spec import Spec, dumps


@dataclass(frozen=True)
class Result:
    """One preset with one seed."""

    run: str
    """The run's directory."""
    digest: str
    """Of its spec: a result counts as long as the preset is the same."""
    seconds: float
    """Of training; starting a worker is not the preset's."""


class Results:
    """What has been run, on disk after every run."""

    def __init__(self, home: Path, fresh: bool) -> None:
        self._path = home / "results.json"
        self._lock = threading.Lock()
        raw = json.loads(self._path.read_text()) if self._path.exists() and not fresh else {}
        self._kept = {key: Result(**result) for key, result in raw.items()}

    def get(self, preset: str, seed: int, spec: Spec) -> Result | None:
        """Return the result of exactly this spec, if there is one."""
        found = self._kept.get(f"{preset} {seed}")
        return found if found and found.digest == _digest(spec) and Path(found.run).is_dir() else None

    def run_of(self, preset: str, seed: int) -> str:
        """Return the directory of a run that was made."""
        return self._kept[f"{preset} {seed}"].run

    def put(self, preset: str, seed: int, result: Result) -> None:
        """Keep a result."""
        with self._lock:
            self._kept[f"{preset} {seed}"] = result
            self._path.write_text(
                json.dumps({key: asdict(value) for key, value in self._kept.items()}, indent=1)
            )


def _digest(spec: Spec) -> str:
    """Return what changes with the experiment, not with what is said of it."""
    return hashlib.sha256(dumps(Spec(spec.tables)).encode()).hexdigest()[:16]


def main() -> None:
    """Run what is asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("presets", nargs="*", help="all where none is named")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--home", type=Path, default=Path("build/presets"), help="where the runs are kept")
    parser.add_argument("--gpu", action="store_true", help="those that need a GPU too")
    parser.add_argument("--fresh", action="store_true", help="run everything anew")
    asked = parser.parse_args()
    home = asked.home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "data").exists():
        (home / "data").symlink_to(home_directory() / "data")
    # Two runs that take both cores each are slower than one after the other.
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // asked.jobs)))
    chosen = asked.presets or presets.names()
    left_out = [name for name in chosen if presets.load(name)["preset"].get("needs") and not asked.gpu]
    names = [name for name in chosen if name not in left_out]
    needed = {origin_preset(presets.load(name)) for name in names} - {""}
    names = [*sorted(needed - set(names)), *names]
    specs = _specs(names, asked.seeds, home)
    results = Results(home, asked.fresh)
    with ThreadPoolExecutor(asked.jobs) as pool:
        # First what others start from.
        for later in (False, True):
            wave = [key for key in specs if (key[0] not in needed) == later]
            list(pool.map(lambda key: _run(key[0], key[1], specs[key], results, home), wave))
    done = {key: found for key, spec in specs.items() if (found := results.get(key[0], key[1], spec))}
    print(*_table(names, asked.seeds, done), sep="\n")
    print(*_relations(asked.seeds, done), sep="\n")
    for name in left_out:
        print(f"\n`{name}` needs a GPU and was left out; `--gpu` runs it.")


def _specs(names: Iterable[str], seeds: Iterable[int], home: Path) -> dict[tuple[str, int], Spec]:
    catalog = catalog_for(home, [])
    return {
        (name, seed): resolve(assigned(presets.load(name), {"train.seed": str(seed)}, catalog), catalog, name)
        for name in names
        for seed in seeds
    }


def _run(preset: str, seed: int, spec: Spec, results: Results, home: Path) -> None:
    """Run one preset with one seed in a worker of its own, unless that was done."""
    if results.get(preset, seed, spec):
        return
    run = new_run.create(home, _chained(spec, preset, seed, results))
    supervise.start(run, home).wait()
    if run.status.state in ("finished", "diverged"):  # whatever else happened is no result to keep
        results.put(preset, seed, Result(str(run.path), _digest(spec), run.status.seconds))
    last_words = run.events().read(limit=1 << 30)[-1:]
    print(f"{preset} {seed}: {last_words[0].text if last_words else 'died without a word'}", flush=True)


def _chained(spec: Spec, preset: str, seed: int, results: Results) -> Spec:
    """Return the spec with the origin that has the same seed, where it starts from another preset's run."""
    origin = origin_preset(presets.load(preset))
    if not origin:
        return spec
    model = {**spec.tables["model"], "init": {"from": results.run_of(origin, seed), "checkpoint": "auto"}}
    return Spec({**spec.tables, "model": model}, spec.preset)


Done = Mapping[tuple[str, int], Result]


def _table(names: Iterable[str], seeds: list[int], done: Done) -> list[str]:
    """Return a row a preset and metric."""
    rows = [
        f"| preset | time, s | metric | seeds {', '.join(map(str, seeds))} | band | reference | kept |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in names:
        preset = presets.load(name)["preset"]
        found = [done[name, seed] for seed in seeds if (name, seed) in done]
        ran = [Run(Path(result.run)) for result in found]
        wrong = [
            f"seed {seed}: {miss}"
            for seed, run in zip(seeds, ran, strict=False)
            for miss in misses(run, preset)
        ]
        kept = "ok" if len(ran) == len(seeds) and not wrong else "**no**: " + "; ".join(wrong)
        seconds = f"{sorted(result.seconds for result in found)[len(found) // 2]:.1f}" if found else ""
        rows += _rows_of(name, preset, ran, seconds, kept)
    return rows


def _rows_of(name: str, preset: Mapping[str, Any], ran: list[Run], seconds: str, kept: str) -> list[str]:
    """Return a preset's rows: one a metric, and one for a run that is to end otherwise."""
    lines = []
    if preset.get("expect_state"):
        lines.append(("state", ", ".join(run.status.state for run in ran), str(preset["expect_state"])))
    for metric, (low, high) in preset["expect"].items():
        values = ", ".join(f"{figure(run, metric):.4g}" for run in ran)
        lines.append((metric, values, f"{low:g} to {high:g}"))
    told = [(f"`{name}`", seconds, preset.get("reference", ""), kept), *[("", "", "", "")] * len(lines)]
    return [
        f"| {first} | {time} | {metric} | {values} | {band} | {reference} | {word} |"
        for (metric, values, band), (first, time, reference, word) in zip(lines, told, strict=False)
    ]


def _relations(seeds: list[int], done: Done) -> list[str]:
    """Return a row a relation whose runs are all there."""
    rows = [
        "",
        f"| family | what its runs show | less, seeds {', '.join(map(str, seeds))} | more | holds |",
        "|---|---|---|---|---|",
    ]
    for relation in RELATIONS:
        if any((name, seed) not in done for name in relation.presets for seed in seeds):
            continue
        families = [{name: Run(Path(done[name, seed].run)) for name in relation.presets} for seed in seeds]
        less = ", ".join(f"{relation.less(family):.4g}" for family in families)
        more = ", ".join(f"{relation.more(family):.4g}" for family in families)
        holds = "yes" if all(relation.holds(family) for family in families) else "**no**"
        rows.append(f"| {relation.family} | {relation.says} | {less} | {more} | {holds} |")
    return rows if len(rows) > 3 else []


if __name__ == "__main__":
    main()

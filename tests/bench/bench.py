"""Measures drone-lint beside what it is compared with, prints a table of ratios, and draws it.

python tests/bench/bench.py [--only SECTION] [--rounds N] [--peers FOLDER] [--plot FILE.png]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from workloads import pipeline, program, repository

ROOT = Path(__file__).parents[2]
PEERS = ("check-jsonschema", "pipeline-check", "yamllint", "zizmor")
WORKFLOW = "name: a\non: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n    - run: go test ./...\n"


class Row(NamedTuple):
    """A measured ratio and what it should be."""

    what: str
    ratio: float
    target: str
    met: bool | None
    """None: there is no target."""


def at_most(what: str, ratio: float, limit: float) -> Row:
    return Row(what, ratio, f"at most {limit:g}", ratio <= limit)


def at_least(what: str, ratio: float, limit: float) -> Row:
    return Row(what, ratio, f"at least {limit:g}", ratio >= limit)


class Bench:
    """Times commands in turns."""

    def __init__(self, rounds: int, peers: Path, scratch: Path) -> None:
        self.rounds = rounds
        self.scratch = scratch
        self._peers = peers
        self._environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        self._environment["XDG_CACHE_HOME"] = str(scratch / "cache")

    def peer(self, name: str, *arguments: str) -> list[str]:
        return [str(self._peers / "bin" / name), *arguments]

    def ours(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).parent / "drone-lint"), *arguments]

    def seconds(
        self, commands: dict[str, list[str]], rounds: int | None = None, *, cores: dict[str, set[int]] | None = None
    ) -> dict[str, float]:
        """The median of each command's time, all run in turns after one round that does not count."""
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for number in range((rounds or self.rounds) + 1):
            for name, command in commands.items():
                start = time.perf_counter()
                self._run(command, (cores or {}).get(name))
                if number:
                    taken[name].append(time.perf_counter() - start)
        return {name: statistics.median(times) for name, times in taken.items()}

    def _run(self, command: Sequence[str], cores: set[int] | None) -> None:
        before: Callable[[], None] | None = None if cores is None else (lambda: os.sched_setaffinity(0, cores))
        done = subprocess.run(command, env=self._environment, capture_output=True, check=False, preexec_fn=before)
        if done.returncode not in (0, 1, 2, 11, 13, 14):  # findings, in one tool's way or another's
            raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.decode('utf-8', 'replace')[-2000:]}")

    def peak(self, command: Sequence[str]) -> int:
        """The most memory, in KiB, that a command and its children had."""
        code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=-3, stderr=-3); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        done = subprocess.run([sys.executable, "-c", code, *command], env=self._environment, capture_output=True, check=True)
        return int(done.stdout)


def start_up(bench: Bench) -> Iterator[Row]:
    python = sys.executable
    clean, planted = bench.scratch / "clean", ROOT / "examples" / "docker-in-docker" / ".drone.jsonnet"
    for name in (".drone.yml", ".drone.jsonnet"):
        (clean / name[7:]).mkdir(parents=True)
        shutil.copy(ROOT / "examples" / "clean" / name, clean / name[7:])  # apart: side by side, one is compared with the other
    workflow = bench.scratch / ".github" / "workflows" / "a.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(WORKFLOW, encoding="utf-8")
    took = bench.seconds(
        {
            "pass": [python, "-c", "pass"],
            "floor": [python, "-c", "import typer, yaml"],
            "version": bench.ours("--version"),
            "yml": bench.ours("--no-cache", str(clean / "yml" / ".drone.yml")),
            "yml warm": bench.ours(str(clean / "yml" / ".drone.yml")),
            "jsonnet": bench.ours("--no-cache", str(clean / "jsonnet" / ".drone.jsonnet")),
            "jsonnet warm": bench.ours(str(clean / "jsonnet" / ".drone.jsonnet")),
            "docker-in-docker": bench.ours("--no-cache", str(planted)),
            "check-jsonschema": bench.peer("check-jsonschema", "--builtin-schema", "vendor.drone-ci", str(clean / "yml" / ".drone.yml")),
            "pipeline_check": bench.peer("pipeline_check", "--pipeline", "drone", "--drone-path", str(clean / "yml" / ".drone.yml")),
            "zizmor": bench.peer("zizmor", "--offline", str(workflow)),
        }
    )
    yield at_most("--version / python -c pass", took["version"] / took["pass"], 2)
    yield at_most("clean .drone.yml / floor", took["yml"] / took["floor"], 1.25)
    yield at_most("clean .drone.jsonnet / floor", took["jsonnet"] / took["floor"], 1.25)
    yield Row("clean .drone.yml, warm cache / floor", took["yml warm"] / took["floor"], "", None)
    yield Row("clean .drone.jsonnet, warm cache / floor", took["jsonnet warm"] / took["floor"], "", None)
    yield Row("docker-in-docker example / floor", took["docker-in-docker"] / took["floor"], "", None)
    yield at_least("check-jsonschema / clean .drone.yml", took["check-jsonschema"] / took["yml"], 2.5)
    yield at_least("pipeline_check / clean .drone.yml", took["pipeline_check"] / took["yml"], 2.5)
    yield Row("clean .drone.yml / zizmor on a workflow", took["yml"] / took["zizmor"], "", None)


def bulk(bench: Bench) -> Iterator[Row]:
    small, large = bench.scratch / "bulk-250", bench.scratch / "bulk-1000"
    repository(small, 250)
    repository(large, 1000)
    took = bench.seconds(
        {
            "250": bench.ours("--no-cache", "--jobs", "1", str(small)),
            "1000": bench.ours("--no-cache", "--jobs", "1", str(large)),
            "one core": bench.ours("--no-cache", str(large)),
            "two cores": bench.ours("--no-cache", str(large)),
        },
        3,
        cores={"one core": {0}},
    )
    yield at_most("1,000 files / 250 files, one process", took["1000"] / took["250"], 4.4)
    yield at_least("1,000 files: pinned to one core / two cores", took["one core"] / took["two cores"], 1.6)
    memory = [bench.peak(bench.ours("--no-cache", "--jobs", "1", str(folder))) for folder in (small, large)]
    yield at_most("most memory: 1,000 files / 250 files", memory[1] / memory[0], 1.25)


def large(bench: Bench) -> Iterator[Row]:
    folder = bench.scratch / "large"
    folder.mkdir()
    long = folder / "long.drone.yml"
    long.write_text(pipeline("long", 1420), encoding="utf-8")
    steps = folder / "steps.drone.jsonnet"
    steps.write_text(program("steps", 1000), encoding="utf-8")
    rendered = folder / "rendered.drone.yml"
    rendered.write_bytes(subprocess.run(bench.ours("render", str(steps)), capture_output=True, check=True).stdout)
    took = bench.seconds(
        {
            "ours": bench.ours("--no-cache", str(long)),
            "yamllint": bench.peer("yamllint", "-d", "{rules: {}}", str(long)),
            "pipeline_check": bench.peer("pipeline_check", "--pipeline", "drone", "--drone-path", str(long)),
            "steps": bench.ours("--no-cache", str(steps)),
            "yamllint steps": bench.peer("yamllint", "-d", "{rules: {}}", str(rendered)),
            "pipeline_check steps": bench.peer("pipeline_check", "--pipeline", "drone", "--drone-path", str(rendered)),
        },
        3,
    )
    yield at_most("17,000-line YAML / yamllint that only parses", took["ours"] / took["yamllint"], 1)
    yield at_most("17,000-line YAML / pipeline_check", took["ours"] / took["pipeline_check"], 1)
    yield at_most("1,000-step Jsonnet / yamllint that parses its result", took["steps"] / took["yamllint steps"], 1)
    yield at_most("1,000-step Jsonnet / pipeline_check on its result", took["steps"] / took["pipeline_check steps"], 1)


def cache(bench: Bench) -> Iterator[Row]:
    folder = bench.scratch / "cached"
    repository(folder, 1000)
    took = bench.seconds({"cold": bench.ours("--no-cache", str(folder)), "warm": bench.ours(str(folder))}, 3)
    yield at_least("1,000 files: cold / warm", took["cold"] / took["warm"], 5)


SECTIONS: dict[str, Callable[[Bench], Iterator[Row]]] = {"start-up": start_up, "bulk": bulk, "large": large, "cache": cache}


def environment_of_peers(scratch: Path) -> Path:
    """A new environment with the tools to compare with."""
    folder = scratch / "peers"
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", *PEERS], check=True)
    return folder


def show(rows: Sequence[Row]) -> None:
    width = max(len(row.what) for row in rows)
    for row in rows:
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        print(f"{row.what:{width}}  {row.ratio:7.2f}  {row.target:13} {verdict}".rstrip())


def draw(rows: Sequence[Row], path: str) -> None:
    """The ratios as bars, on a logarithmic axis."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    colors = {True: "#3a7d44", False: "#b3261e", None: "#607d8b"}
    figure, axes = pyplot.subplots(figsize=(11, 0.42 * len(rows) + 1.2))
    axes.barh([row.what for row in rows], [row.ratio for row in rows], color=[colors[row.met] for row in rows])
    axes.set_xscale("log")
    axes.invert_yaxis()
    axes.axvline(1, color="#444", linewidth=0.8)
    for number, row in enumerate(rows):
        axes.text(row.ratio, number, f" {row.ratio:.2f}" + (f"  ({row.target})" if row.target else ""), va="center", fontsize=8)
    axes.set_xlabel("ratio of times measured in one run")
    axes.margins(x=0.25)
    figure.tight_layout()
    figure.savefig(path, dpi=130)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(SECTIONS), action="append")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peers", type=Path, help="an environment that has the tools to compare with")
    parser.add_argument("--plot", help="draw the table to this PNG file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        bench = Bench(options.rounds, options.peers or environment_of_peers(folder), folder)
        rows = [row for name in options.only or SECTIONS for row in SECTIONS[name](bench)]
    show(rows)
    if options.plot:
        draw(rows, options.plot)
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

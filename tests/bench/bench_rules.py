"""What all rules cost on one big YAML file, beside what loading it costs. A command of its own: `python tests/bench/bench_rules.py [FILE]`.

CPU time of this process, the best of five runs; every run has a file of its own, since documents remember what rules have worked out.
The target: all rules together cost at most three times what loading costs.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from drone_lint.lint.engine import lint
from drone_lint.lint.selection import active_rules
from drone_lint.settings import Settings
from drone_lint.source.load import load
from drone_lint.source.loaded import ConfigFile

LINES = 17_000
SETTINGS = Settings(profile="pedantic", trust="untrusted")


def pipelines() -> Iterator[str]:
    """Lines of many pipelines with what real ones have: services, secrets, scripts, volumes, conditions, dependencies."""
    number = 0
    while True:
        yield from ("---", "kind: pipeline", "type: docker", f"name: p{number}", "trigger:", "  event: [push, pull_request]")
        yield from ("  branch:", "  - main", "  - release/*", *(("depends_on:", f"- p{number - 1}") if number else ()))
        yield from ("services:", "- name: db", "  image: postgres:16.2", "  environment:", "    POSTGRES_PASSWORD: test", "steps:")
        for step in range(8):
            yield from (f"- name: s{step}", f"  image: golang:1.22.{step}", "  pull: always", "  environment:", "    CGO_ENABLED: 0")
            yield from ("    TOKEN:", "      from_secret: token", "  commands:", f"  - go test -race ./... {number}")
            yield from (f"  - echo ${{DRONE_TAG}} $${{X}} step {step} of {number}", "  - |", "    for f in *.go; do")
            yield from (f'      grep "foo{number}" $f || exit 1', "    done", "  volumes:", "  - name: cache", "    path: /go")
            yield from (*(("  depends_on:", f"  - s{step - 1}") if step else ()), "  when:", "    branch: [main]")
        yield from (
            "- name: pub",
            "  image: plugins/docker:20.18",
            "  settings:",
            "    repo: acme/app",
            "    tags: [latest, '${DRONE_TAG}']",
        )
        yield from ("    username: {from_secret: u}", "    password: {from_secret: p}", "  when: {event: push}")
        yield from ("volumes:", "- name: cache", "  temp: {}")
        number += 1


def text() -> str:
    lines = []
    for line in pipelines():
        if len(lines) >= LINES and line == "---":
            return "\n".join(lines) + "\n"
        lines.append(line)
    raise AssertionError


def best(prepare: Callable[[], ConfigFile], run: Callable[[ConfigFile], object], times: int = 5) -> float:
    """Seconds of CPU time; `prepare` is not counted."""
    found = []
    for _ in range(times):
        given = prepare()
        gc.collect()
        start = time.process_time()
        run(given)
        found.append(time.process_time() - start)
    return min(found)


def main() -> int:
    data = Path(sys.argv[1]).read_bytes() if len(sys.argv) > 1 else text().encode()
    rules = active_rules(SETTINGS)

    def loaded() -> ConfigFile:
        return load(data, ".drone.yml", SETTINGS)

    once = loaded()
    loading = best(lambda: once, lambda _: loaded())
    linting = best(loaded, lambda file: lint(file, rules, SETTINGS))
    print(f"{data.count(bytes([10]))} lines, {len(rules)} rules: loading {loading * 1000:.0f} ms, all rules {linting * 1000:.0f} ms,")
    print(f"{linting / loading:.2f} times as much. Single rules, each alone:")
    alone = sorted(((best(loaded, lambda file, rule=rule: lint(file, [rule], SETTINGS), 1), rule.name) for rule in rules), reverse=True)
    for seconds, name in alone[:15]:
        print(f"{seconds * 1000:8.1f} ms  {name}")
    return 0 if linting <= 3 * loading else 1


if __name__ == "__main__":
    sys.exit(main())

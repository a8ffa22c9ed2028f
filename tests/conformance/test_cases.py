"""Every case with the verdict of real Drone, untrusted and trusted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drone_lint.lint.engine import lint
from drone_lint.lint.selection import active_rules
from drone_lint.settings import JsonnetSettings, Settings, SubstitutionSettings
from drone_lint.source.load import load

CASES = Path(__file__).parent / "cases"
EXPECTATIONS = sorted(CASES.glob("*/*.expect.json"))


def settings_for(expectation: dict, trust: str) -> Settings:
    return Settings(
        profile="drone",
        trust=trust,
        jsonnet=JsonnetSettings(ext_str=expectation.get("ext", {})),
        substitution=SubstitutionSettings(env=expectation.get("env", {})),
    )


def refusals(path: Path, settings: Settings) -> set[tuple[str, str]]:
    """Who refuses the file, with the words: of findings and of errors."""
    file = load(path.read_bytes(), path.name, settings, root=str(path.parent), absolute=str(path))
    report = lint(file, active_rules(settings), settings)
    assert not [problem for problem in report.problems if problem.rule == "internal-error"], report.problems
    return {(item.by, item.message) for found in (*report.findings, *report.problems) for item in found.drone}


def is_literal(message: str) -> bool:
    """Messages that are compared word for word."""
    return message.lower().startswith("linter:") or message == "yaml: missing kind attribute"


def disagreements(expectation: dict, trust: str, found: set[tuple[str, str]]) -> list[str]:
    """In what ours differs from Drone's verdict."""
    verdicts = {"server": expectation["server"]["error"]}
    for name, verdict in expectation["runners"].items():
        verdicts[f"runner:{name}"] = None if verdict.get("pending") else verdict[trust]
    wrong = []
    for by, error in verdicts.items():
        ours = sorted(message for who, message in found if who == by)
        if error is None and ours:
            wrong.append(f"{by} accepts it; ours: {ours}")
        elif error is not None and is_literal(error) and error not in ours:
            wrong.append(f"{by} says {error!r}; ours: {ours}")
        elif error is not None and not ours:
            wrong.append(f"{by} says {error!r}; ours: nothing")
    wrong += [f"{by} does not read it; ours: {message}" for by, message in sorted(found) if by not in verdicts and expectation["runners"]]
    return wrong


def input_of(expectation: Path) -> Path:
    stem = expectation.name.removesuffix(".expect.json")
    return next(path for path in expectation.parent.glob(f"{stem}.*") if path.suffix in (".yml", ".jsonnet"))


@pytest.mark.parametrize("trust", ["untrusted", "trusted"])
@pytest.mark.parametrize(
    "path", EXPECTATIONS, ids=[f"{path.parent.name}/{path.name.removesuffix('.expect.json')}" for path in EXPECTATIONS]
)
def test_verdict_is_drones(path: Path, trust: str) -> None:
    expectation = json.loads(path.read_text(encoding="utf-8"))
    if expectation["server"].get("legacy_converted"):
        pytest.skip("a 0.8 file is converted first")
    found = refusals(input_of(path), settings_for(expectation, trust))
    assert disagreements(expectation, trust, found) == []

"""From what is known of a configuration to the answer that Drone's client understands.

Any 2xx passes, 498 drops the build silently, 499 blocks it until somebody approves, everything else makes it an error whose message is the
body (harness/drone `plugin/validator/validator.go`, `trigger/trigger.go`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from drone_lint.report.wording import one_line, plural
from drone_lint.serve.examine import Examined, Seen

Action = Literal["pass", "error", "block", "skip"]
STATUS: dict[Action, int] = {"pass": 204, "error": 400, "block": 499, "skip": 498}
LONGEST = 500
"""Bytes and characters of an answer: `build_error` holds 500 characters, and nothing cuts the text before."""
RANKS = {"info": 0, "notice": 1, "warning": 2, "error": 3, "never": 4}


class Policy(NamedTuple):
    """What the operator wants to happen."""

    fail_on: str | None = None
    """The least severity for which `on_error` happens, whatever the configuration says; `never`: none. None: the configuration's."""
    on_error: Action = "error"
    on_warning: Action = "pass"
    """What happens to a build with warnings only."""
    fail_open: bool = False
    """Whether a configuration that could not be checked passes."""
    block_forks: bool = False
    dry_run: bool = False
    """Whether everything passes, and only the log says what would have happened."""
    rules_url: str = ""


class Verdict(NamedTuple):
    """The answer to one request."""

    action: Action
    """What would happen."""
    text: str = ""
    """For the build's author; empty where it passes."""
    rules: tuple[str, ...] = ()
    reason: str = ""
    """For the log: `findings`, `warnings`, `unchecked`, `fork`, `clean`."""

    def status(self, policy: Policy) -> int:
        """The HTTP status that says so."""
        return STATUS["pass" if policy.dry_run else self.action]


def judge(found: Examined, policy: Policy, fail_on: str = "error") -> Verdict:
    """The verdict on a configuration; what could not be checked is never clean. `fail_on`: what the configuration says."""
    rules = tuple(dict.fromkeys(one.rule for one in found.findings))
    if found.problems:
        return unchecked("; ".join(found.problems), policy, rules)
    limit = RANKS[policy.fail_on or fail_on]
    failing = [one for one in found.findings if one.rank >= limit]
    if failing:
        return Verdict(policy.on_error, _text(failing, policy.rules_url), rules, "findings")
    warnings = [one for one in found.findings if one.severity == "warning"]
    if warnings and policy.on_warning != "pass":
        return Verdict(policy.on_warning, _text(warnings, policy.rules_url), rules, "warnings")
    return Verdict("pass", rules=rules, reason="warnings" if warnings else "clean")


def unchecked(why: str, policy: Policy, rules: tuple[str, ...] = ()) -> Verdict:
    """The verdict where there is none: closed, unless the operator said otherwise."""
    text = _cut(f"drone-lint could not check this build: {one_line(why)}")
    return Verdict("pass" if policy.fail_open else "error", "" if policy.fail_open else text, rules, "unchecked")


def of_fork() -> Verdict:
    """The verdict on a pull request from a fork, where the operator wants a person to look first."""
    return Verdict("block", "drone-lint: builds of forks wait for approval", reason="fork")


def _text(findings: Sequence[Seen], url: str) -> str:
    """As many findings as fit, cut at the end of one."""
    head = f"drone-lint: {_counts(findings)}: "
    tail = f"; {url}" if url else ""
    said = [_said(one) for one in findings]
    for number in range(len(said), 0, -1):
        more = f"; and {len(said) - number} more" if number < len(said) else ""
        text = head + "; ".join(said[:number]) + more + tail
        if _fits(text):
            return text
    return _cut(head + said[0])


def _counts(findings: Sequence[Seen]) -> str:
    number = {severity: sum(one.severity == severity for one in findings) for severity in ("error", "warning", "notice", "info")}
    return ", ".join(plural(count, severity) for severity, count in number.items() if count)


def _said(one: Seen) -> str:
    where = [f"pipeline {one.pipeline}"] if one.pipeline else []
    where += [f"step {one.step}"] if one.step else []
    return one_line(f"{', '.join(where)}: {one.message} [{one.rule}]" if where else f"{one.message} [{one.rule}]")


def _fits(text: str) -> bool:
    return len(text.encode("utf-8", "replace")) <= LONGEST


def _cut(text: str) -> str:
    if _fits(text):
        return text
    return text.encode("utf-8", "replace")[: LONGEST - 3].decode("utf-8", "ignore") + "\u2026"

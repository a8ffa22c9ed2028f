"""`drone-lint serve`: Drone's validation extension."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drone_lint.cli.flags import size_of
from drone_lint.cli.options import UsageError
from drone_lint.cli.outcome import CLEAN
from drone_lint.config.operator import Operator, read_operator
from drone_lint.lint.selection import RuleSet
from drone_lint.settings import Settings
from drone_lint.text.files import read_file

if TYPE_CHECKING:
    from drone_lint.serve.server import Address

_INSTALL = "drone-lint serve needs uvicorn; install it with `pip install 'drone-lint[serve]'`"
_SHORTEST = 16
"""Bytes of a secret."""


def run(options: dict[str, Any]) -> int:
    """Serve until the process is told to end."""
    try:
        from drone_lint.serve import server
    except ModuleNotFoundError as error:
        if error.name not in ("uvicorn", "h11", "click"):
            raise
        raise UsageError(_INSTALL) from error
    from drone_lint.serve.app import Options
    from drone_lint.serve.workers import Limits

    operator = _operator(options)
    served = Options(_secrets(options, os.environ), operator, _policy(options), options["scope"] == "file", _is_debug(options))
    limits = Limits(options["workers"] or os.cpu_count() or 1, options["max_seconds"] or 10.0, _memory(options))
    tls = (options["tls_cert"], options["tls_key"])
    if (tls[0] is None) != (tls[1] is None):
        raise UsageError("--tls-cert and --tls-key go together")
    metrics = _address(options["metrics_bind"], "--metrics-bind") if options["metrics_bind"] else None
    bind = _address(options["bind"] or os.environ.get("DRONE_BIND") or "127.0.0.1:3000", "--bind")
    _announce(served.policy)
    try:
        server.run(server.Listening(bind, metrics, *tls), served, limits, _write, rules=_rules(operator))
    except OSError as error:
        raise UsageError(f"cannot listen on {bind.host}:{bind.port}: {error.strerror or error}") from error
    return CLEAN


def _write(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _announce(policy: Any) -> None:
    """What weakens the gate is said at the start."""
    if policy.dry_run:
        _write(json.dumps({"warning": "dry run: every build passes"}))
    if policy.fail_open:
        _write(json.dumps({"warning": "fail open: a configuration that could not be checked passes"}))


def _operator(options: Mapping[str, Any]) -> Operator:
    base = Settings(fail_on="error")
    for name in ("runner", "profile"):
        if options[name] is not None:
            base = base._replace(**{name: options[name]})
    if options["server_version"]:
        base = base._replace(server=base.server._replace(version=options["server_version"]))
    found = read_operator(options["config"], base)
    names = tuple(part.strip() for item in options["allow_ignores"] for part in item.split(",") if part.strip())
    found = found._replace(allowed_ignores=(*found.allowed_ignores, *names), skipped=(*found.skipped, *options["skip_repos"]))
    RuleSet(found.settings._replace(select=found.allowed_ignores))  # raises for a name that is not a rule
    RuleSet(found.settings)
    return found


def _policy(options: Mapping[str, Any]) -> Any:
    from drone_lint.serve.verdict import Policy

    return Policy(
        fail_on=options["fail_on"],
        on_error=options["on_error"],
        on_warning=options["on_warning"],
        fail_open=options["fail_open"],
        block_forks=options["block_forks"],
        dry_run=options["dry_run"],
        rules_url=options["rules_url"] or "",
    )


def _secrets(options: Mapping[str, Any], environment: Mapping[str, str]) -> tuple[bytes, ...]:
    found = [environment["DRONE_SECRET"].encode("utf-8", "surrogateescape")] if environment.get("DRONE_SECRET") else []
    for path in options["secret_file"]:
        try:
            found.append(read_file(path, 1 << 16).rstrip(b"\r\n"))
        except (OSError, ValueError) as error:
            raise UsageError(f"--secret-file {path}: {getattr(error, 'strerror', None) or error}") from error
    if not found:
        raise UsageError("no secret: set DRONE_SECRET, or name a file with --secret-file")
    if any(len(secret) < _SHORTEST for secret in found):
        raise UsageError(f"the secret is shorter than {_SHORTEST} bytes, and could be guessed from one request")
    return tuple(found)


def _is_debug(options: Mapping[str, Any]) -> bool:
    return bool(options["debug"]) or os.environ.get("DRONE_DEBUG", "").lower() in ("1", "true")


def _memory(options: Mapping[str, Any]) -> int:
    return size_of(options["max_memory"]) if options["max_memory"] else 1 << 30


def _address(text: str, option: str) -> Address:
    from drone_lint.serve.server import Address

    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or not 0 <= int(port) < 65536:
        raise UsageError(f"{option} {text}: expected HOST:PORT")
    return Address(host.strip("[]") or "0.0.0.0", int(port))  # noqa: S104 - `:3000` means every address, as in drone-go


def _rules(operator: Operator) -> str:
    """The rules that run, as `/rules` lists them."""
    rules = RuleSet(operator.settings)
    return json.dumps({"rules": [{"name": name, "family": rules.known.facts[name].family} for name in rules.names]}, indent=1) + "\n"

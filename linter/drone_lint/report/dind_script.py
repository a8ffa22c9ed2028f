"""A POSIX shell script that tries inside of a step what `drone-lint dind` cannot see: made of the checks that a file needs."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from drone_lint.findings.checklist import Checklist, Probe

_IMAGE = "busybox:1.36.1"
_HEAD = """#!/bin/sh
# Whether Docker works inside of this step. Written by `drone-lint dind --script`: run it in a step like those of the configuration,
# in the folder of the clone. Ends with 1 if something that is needed does not work.
set -u
failed=0

ok() { printf 'ok       %s\\n' "$1"; }
bad() { printf 'missing  %s\\n' "$1"; failed=1; }
risk() { printf 'risk     %s\\n' "$1"; }

try() {
  # try WHAT COMMAND...: the command's output only when it fails
  what=$1
  shift
  if out=$("$@" 2>&1); then
    ok "$what"
  else
    bad "$what"
    printf '%s\\n' "$out" | tail -n 10 | sed 's/^/         /'
  fi
}
"""


def script(checklist: Checklist) -> str:
    """The script for a file."""
    probes = checklist.probes
    lines = [_HEAD]
    for kind in ("client", "daemon", "plugin", "compose", "run", "build", "dockerfile", "compose-file", "bind", "name", "port"):
        for probe in probes:
            if probe.kind == kind:
                lines += _lines(probe)
    if not probes:
        lines.append("printf 'no step of the configuration uses Docker\\n'")
    return "\n".join([*lines, "", 'exit "$failed"', ""])


def _lines(probe: Probe) -> Iterator[str]:
    subject, context = shlex.quote(probe.subject), shlex.quote(probe.context)
    if probe.kind == "client":
        yield "if command -v docker >/dev/null 2>&1; then ok 'the Docker client is in the image'; else bad 'the Docker client is not in the image'; fi"
    elif probe.kind == "daemon":
        yield "if [ -S /var/run/docker.sock ] && ! [ -w /var/run/docker.sock ]; then bad 'this user may not write to /var/run/docker.sock'; fi"
        yield "try 'the daemon answers' docker info"
    elif probe.kind == "plugin":
        yield "try 'the Compose plugin is there' docker compose version"
    elif probe.kind == "compose":
        yield "if command -v docker-compose >/dev/null 2>&1; then ok 'docker-compose is in the image'; else bad 'docker-compose is not in the image'; fi"
    elif probe.kind == "run":
        yield f"try 'a container runs' docker run --rm {_IMAGE} true"
    elif probe.kind == "build":
        yield f"if printf 'FROM {_IMAGE}\\nRUN true\\n' | docker build -q - >/dev/null 2>&1; then ok 'an image builds'; else bad 'no image builds'; fi"
    elif probe.kind == "dockerfile":
        said = shlex.quote(f"{probe.subject} is there")
        yield f"try {said} test -f {subject}"
        if probe.context not in ("", "."):
            yield f"try {shlex.quote(f'{probe.context} is there')} test -d {context}"
    elif probe.kind == "compose-file":
        said = shlex.quote(f"{probe.subject} is valid")
        yield f"try {said} {probe.context} -f {subject} config --quiet"
    else:
        yield from _of_daemon(probe, subject)


def _of_daemon(probe: Probe, subject: str) -> Iterator[str]:
    if probe.kind == "bind":
        path = f"$PWD/{probe.subject}" if probe.subject else "$PWD"
        said = shlex.quote(f"{probe.subject or 'the clone'} is a folder of the daemon's machine, too")
        mount = f'--mount "type=bind,source={_inside_quotes(path)},target=/probe,readonly"'  # unlike -v it makes no folder
        yield f"if docker run --rm {mount} {_IMAGE} true >/dev/null 2>&1; then ok {said}"
        no = shlex.quote(f"the daemon's machine has no folder {probe.subject or 'of the clone'} where this step has it")
        yield f"else risk {no}; fi"
    elif probe.kind == "name":
        said = shlex.quote(f"a container named {probe.subject} is there already")
        yield f'if [ -n "$(docker ps -aq --filter name={shlex.quote("^" + probe.subject + "$")} 2>/dev/null)" ]; then risk {said}; fi'
    elif probe.kind == "port":
        said = shlex.quote(f"port {probe.subject} of the daemon's machine is taken already")
        yield f'if [ -n "$(docker ps -q --filter publish={subject} 2>/dev/null)" ]; then risk {said}; fi'


def _inside_quotes(text: str) -> str:
    """A path for a place inside of double quotes, `$PWD` at its beginning kept."""
    rest = text.removeprefix("$PWD")
    for char in ("\\", '"', "$", "`"):
        rest = rest.replace(char, "\\" + char)
    return "$PWD" + rest

"""What services of compose files get of the machine on which they run, besides privileged mode, host paths and its network.

Read from the Docker reference (run: runtime privilege, namespaces; security: seccomp, AppArmor) and capabilities(7), 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import AnyPlace, Severity
from drone_lint_rules.docker.compose import is_true
from drone_lint_rules.docker.compose_project import ComposedService

_NAMESPACES = {
    "pid": (
        Severity.ERROR,
        "sees and signals every process of the host",
        "the container reads the memory and the variables of the host's processes",
    ),
    "ipc": (
        Severity.WARNING,
        "shares the host's memory segments",
        "the container reads and writes the shared memory of the host's programs",
    ),
    "uts": (Severity.WARNING, "shares the host's name", "with enough rights the container renames the host"),
    "userns_mode": (
        Severity.WARNING,
        "has the host's users",
        "root in the container is root of the host, also where the daemon maps users",
    ),
    "cgroup": (Severity.WARNING, "has the host's control groups", "the container sees how all others are limited"),
}
_ESCAPES = ("ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "DAC_READ_SEARCH", "BPF", "SYS_BOOT")
"""Capabilities that lead out of a container by known ways."""
_RISKY = ("NET_ADMIN", "SYS_TIME", "SYSLOG", "MAC_ADMIN", "MAC_OVERRIDE", "PERFMON", "CHECKPOINT_RESTORE", "AUDIT_CONTROL", "SYS_PACCT")
_OPTIONS = (
    ("seccomp=unconfined", "has no filter of system calls"),
    ("seccomp:unconfined", "has no filter of system calls"),
    ("apparmor=unconfined", "runs without AppArmor's profile"),
    ("apparmor:unconfined", "runs without AppArmor's profile"),
    ("label=disable", "runs without SELinux's separation"),
    ("label:disable", "runs without SELinux's separation"),
    ("systempaths=unconfined", "writes to the kernel's files in `/proc`"),
)


class ComposeRisk(NamedTuple):
    """Something of the host that a service gets."""

    kind: str
    """`namespace`, `capability`, `device`, `security`, `socket`."""
    place: AnyPlace
    sentence: str
    """What the service does: `sees and signals every process of the host`."""
    why: str
    help: str
    severity: Severity
    path: str = ""
    """The device."""


def compose_risks(service: ComposedService) -> Iterator[ComposeRisk]:
    """What a service gets of the host, in the order of its keys."""
    for key, (severity, sentence, why) in _NAMESPACES.items():
        value = service.get(key)
        if value is not None and value.text == "host":
            yield ComposeRisk("namespace", value.key, sentence, why, f"remove `{key}: host`", severity)
    yield from _capabilities(service)
    for _, _, item in service.entries("devices"):
        source = item.get("source") if item.is_map else item
        path = source.text.partition(":")[0] if source is not None else ""
        if source is not None and path.startswith("/dev/"):
            why = "the container reads, writes and creates the device"
            yield ComposeRisk("device", source.place, f"gets the host's device `{path}`", why, "remove the device", Severity.WARNING, path)
    for _, value in service.layers("device_cgroup_rules"):
        for item in value:
            if item.text.split()[:2] in (["a", "*:*"], ["b", "*:*"]):
                why = "the container makes itself a node of the host's disk and reads it"
                yield ComposeRisk(
                    "device", item.place, "may use every device of the host", why, "name the devices that it needs", Severity.ERROR
                )
    yield from _security(service)
    api = service.get("use_api_socket")
    if is_true(api) and api is not None:
        yield ComposeRisk(
            "socket",
            api.key,
            "may use the daemon's API",
            "any code in the container is root on the daemon's machine",
            "remove `use_api_socket`",
            Severity.ERROR,
        )


def _capabilities(service: ComposedService) -> Iterator[ComposeRisk]:
    for _, _, item in service.entries("cap_add"):
        name = item.text.upper().removeprefix("CAP_")
        if name in _ESCAPES:
            why = "code in the container gets out of it by known ways"
            yield ComposeRisk(
                "capability",
                item.place,
                f"gets the capability `{item.text}`",
                why,
                "remove it, or add only what the program needs",
                Severity.ERROR,
            )
        elif name in _RISKY:
            why = "the container changes things of the host's kernel, or of its own network, that others rely on"
            yield ComposeRisk(
                "capability",
                item.place,
                f"gets the capability `{item.text}`",
                why,
                "remove it unless the program needs it",
                Severity.NOTICE,
            )


def _security(service: ComposedService) -> Iterator[ComposeRisk]:
    for _, value in service.layers("security_opt"):
        for item in value:
            text = item.text.replace(" ", "").lower()
            for option, sentence in _OPTIONS:
                if text == option:
                    why = "a fault of the kernel that the filter keeps away leads out of the container"
                    yield ComposeRisk("security", item.place, sentence, why, f"remove `{item.text}`", Severity.WARNING)

"""The short and the long forms of values in compose files: mounts, ports, files, references."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import NamedTuple

from drone_lint.api import Value

_PROTOCOLS = ("tcp", "udp", "sctp")
_BRACES = re.compile(r"\$\{[^{}]*\}")


def is_open(value: Value) -> bool:
    """Whether a variable decides what a value is."""
    return value.is_scalar and "$" in value.text.replace("$$", "")


def is_remote(text: str) -> bool:
    """Whether a path is somewhere else: a URL, a repository, an image."""
    return (
        "//" in text or text.startswith(("git@", "github.com/", "gitlab.com/")) or re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", text) is not None
    )


def items_of(value: Value) -> Iterator[tuple[str, Value]]:
    """The entries of a map, or the items of a list or a single value: name before `=` (items that are maps have none), and value."""
    if value.is_map:
        yield from value.items()
    elif value.is_list:
        yield from ((item.text.partition("=")[0], item) for item in value)
    elif not value.is_null:
        yield value.text.partition("=")[0], value


def names_in(value: Value) -> Iterator[tuple[str, Value]]:
    """What a list, a map's keys, or a list of maps with `source` name: name and value."""
    if value.is_map:
        yield from value.items()
    for item in value:
        source = item.get("source") if item.is_map else item
        if source is not None and source.text:
            yield source.text, source


class Mount(NamedTuple):
    """A mount of a service."""

    value: Value
    """Where it is written."""
    kind: str
    """`bind`, `volume`, `tmpfs`, `npipe`, `image`, `cluster`."""
    source: str
    """A path of the daemon's machine, or a volume's name; empty for a volume without a name."""
    target: str
    read_only: bool
    problem: str = ""
    """Why Compose refuses it."""


def mount_of(item: Value) -> Mount | None:
    """An item of `volumes`; None where a variable decides its form."""
    if item.is_map:
        kind, source, target = item.get("type"), item.get("source"), item.get("target")
        only = item.get("read_only")
        return Mount(
            source if source is not None else item,
            kind.text if kind is not None else "volume",
            source.text if source is not None else "",
            target.text if target is not None else "",
            only is not None and (only.true or only.text.lower() == "true"),
        )
    return _short_mount(item, item.text) if item.is_scalar and item.text else None


def _short_mount(item: Value, text: str) -> Mount | None:
    parts = _split(text)
    if any(not part for part in parts):
        return Mount(item, "volume", "", "", False, "it has an empty part between its colons")
    if len(parts) > 3:
        return Mount(item, "volume", "", "", False, "it has too many colons")
    if len(parts) == 1:
        return Mount(item, "volume", "", text, False)
    source, target = parts[0], parts[1]
    options = parts[2].split(",") if len(parts) > 2 else []
    if source.startswith("$") and not text.startswith(("${PWD", "$PWD", "${HOME", "$HOME")):
        return None
    is_path = source.startswith((".", "/", "~", "\\\\", "$")) or re.match(r"[A-Za-z]:", source) is not None
    return Mount(item, "bind" if is_path else "volume", source, target, "ro" in options)


def _split(text: str) -> list[str]:
    """Parts between colons; those in `${A:-b}` and after a drive's letter do not divide."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match[0])
        return f"\0{len(held) - 1}\0"

    hidden = _BRACES.sub(hold, text)
    parts = re.split(r"(?<!^[A-Za-z]):", hidden) if re.match(r"[A-Za-z]:[\\/]", hidden) else hidden.split(":")
    return [re.sub("\0(\\d+)\0", lambda match: held[int(match[1])], part) for part in parts]


class Port(NamedTuple):
    """Ports that a service publishes."""

    value: Value
    address: str
    """Of the host; empty: all."""
    published: tuple[int, int] | None
    """First and last port of the host; None when Docker chooses."""
    target: tuple[int, int]
    protocol: str

    def overlaps(self, other: Port) -> bool:
        """Whether both want one port of the host."""
        if self.published is None or other.published is None or self.protocol != other.protocol:
            return False
        everywhere = ("", "0.0.0.0", "::")  # noqa: S104 - what is compared, not bound
        if 0 in (self.published[0], other.published[0]):
            return False  # Docker chooses
        same = self.address == other.address or self.address in everywhere or other.address in everywhere
        return same and self.published[0] <= other.published[1] and other.published[0] <= self.published[1]


def port_of(item: Value) -> Port | str | None:
    """An item of `ports`; a text says why Compose refuses it; None where variables decide."""
    if any(is_open(scalar) for scalar in item.scalars()):
        return None
    if not item.is_map:
        return _short_port(item, item.text)
    target, published, address, protocol = (item.get(key) for key in ("target", "published", "host_ip", "protocol"))
    if target is None:
        return "it has no `target`"
    inner = _range(target.text)
    outer = _range(published.text) if published is not None and published.text else None
    if inner is None or (published is not None and published.text and outer is None):
        return "a port is a number up to 65535"
    return Port(item, address.text if address is not None else "", outer, inner, protocol.text if protocol is not None else "tcp")


def _short_port(item: Value, text: str) -> Port | str:
    rest, _, protocol = text.partition("/")
    if protocol and protocol.lower() not in _PROTOCOLS:
        return f"`{protocol}` is not a protocol of Docker"
    host, _, container = rest.rpartition(":")
    inner = _range(container)
    if inner is None:
        return f"`{container}` is not a port" if container else "the container's port is missing"
    address, outer_text = _address(host)
    if address and not _is_address(address):
        return f"`{address}` is not an IP address"
    outer = _range(outer_text) if outer_text else None
    if outer_text and outer is None:
        return f"`{outer_text}` is not a port"
    if outer is not None and outer[1] - outer[0] != inner[1] - inner[0] and inner[0] != inner[1]:
        return "both ranges need the same length"
    return Port(item, address, outer, inner, protocol.lower() or "tcp")


def _address(host: str) -> tuple[str, str]:
    if host.startswith("["):
        address, _, rest = host[1:].partition("]")
        return address, rest.removeprefix(":")
    address, colon, port = host.rpartition(":")
    if not colon and ("." in host or not host):
        return host, ""
    return address, port


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _range(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return (first, last) if first <= last <= 65535 else None

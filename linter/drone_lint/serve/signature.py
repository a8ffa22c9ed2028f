"""Whether a request comes from a server that has the secret: draft-cavage HTTP signatures, as drone-go's client makes them.

Drone's own handler checks neither the digest against the body nor the age of the date, so that a request that somebody saw once can be sent
again with another body. Both are checked here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

SHORTEST_SECRET = 16
"""Bytes. A shorter secret can be guessed from one recorded request; an empty one signs as well."""
CLOCK_SKEW = 300.0
"""Seconds that a request's date may be away from our clock."""

_SIGNATURE = re.compile(r'keyId="hmac-key",algorithm="hmac-sha256",signature="([A-Za-z0-9+/]{43}=)",headers="([a-z0-9 -]+)"')
_REQUIRED = frozenset(("date", "digest", "content-type"))
_DATE = "%a, %d %b %Y %H:%M:%S GMT"


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """A request that is not the server's. Its text never leaves the process: all refusals look alike from outside."""


def verify(headers: Sequence[tuple[bytes, bytes]], body: bytes, secrets: Sequence[bytes], now: float) -> None:
    """Check a request in full; how long that takes does not depend on how near the signature is to a right one.

    Args:
        headers: as received, names in lower case.
        body: the whole body.
        secrets: any of which may have signed: two while they are rotated.
        now: our clock, seconds since 1970.

    Raises:
        Refused: it is not a request of the server's, or an old one.
    """
    found = _single(headers)
    match = _SIGNATURE.fullmatch(found.get("signature", ""))
    if match is None:
        raise Refused("no signature of the expected form")
    names = match[2].split(" ")
    if not set(names) >= _REQUIRED or len(set(names)) != len(names):
        raise Refused("the signature does not cover date, digest and content type")
    if any(name not in found for name in names):
        raise Refused("a signed header is missing")
    signed = "\n".join(f"{name}: {found[name]}" for name in names).encode("latin-1")
    matches = [hmac.compare_digest(match[1].encode("ascii"), _mac(secret, signed)) for secret in secrets]
    if not any(matches):
        raise Refused("the signature is not ours")
    if not hmac.compare_digest(found["digest"].encode("latin-1"), b"SHA-256=" + base64.b64encode(hashlib.sha256(body).digest())):
        raise Refused("the body is not the one that was signed")
    if abs(_seconds(found["date"]) - now) > CLOCK_SKEW:
        raise Refused("the request is too old, or of the future")


def _mac(secret: bytes, text: bytes) -> bytes:
    return base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest())


def _single(headers: Sequence[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Headers that are given once; one that is given twice could mean two things and counts as missing."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for raw, value in headers:
        name = raw.decode("latin-1").lower()
        (twice.add(name) if name in found else found.update({name: value.decode("latin-1")}))
    return {name: value for name, value in found.items() if name not in twice}


def _seconds(text: str) -> float:
    try:
        found = datetime.strptime(text, _DATE).replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise Refused("the date is not one of HTTP") from error
    if found.strftime(_DATE) != text:
        raise Refused("the date is not one of HTTP")
    return found.timestamp()

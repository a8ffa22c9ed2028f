"""Image references, read as Docker reads them (github.com/distribution/reference, normalised names)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_HUB = ("docker.io", "index.docker.io")


_PATH = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"


@lru_cache(maxsize=1)
def _grammar() -> re.Pattern[str]:
    host = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]+)?/)?"
    return re.compile(rf"{host}{_PATH}(?:/{_PATH})*(?::\w[\w.-]{{0,127}})?(?:@[A-Za-z][\w+.-]*:[0-9a-fA-F]{{32,}})?", re.ASCII)


class ImageReference(NamedTuple):
    """The parts of an image name. `text` is as written; a part that is not written is empty."""

    text: str
    registry: str = ""
    """Host with port as written; empty when none is."""
    repository: str = ""
    """Path without registry, tag and digest."""
    tag: str = ""
    digest: str = ""

    @property
    def valid(self) -> bool:
        """Whether Docker takes the name at all; Drone compares others as they are written."""
        return _grammar().fullmatch(self.text) is not None

    @property
    def host(self) -> str:
        """The registry's host, Docker Hub's when none is written."""
        return "docker.io" if self.registry.lower() in ("", *_HUB) else self.registry

    @property
    def familiar(self) -> str:
        """The name people use: without Docker Hub's host and `library/`, without tag and digest."""
        if self.host != "docker.io":
            return f"{self.registry}/{self.repository}"
        return self.repository.removeprefix("library/")

    @property
    def canonical(self) -> str:
        """Host and full path, without tag and digest: equal for all spellings of one repository."""
        if self.host == "docker.io" and "/" not in self.repository:
            return f"docker.io/library/{self.repository}"
        return f"{self.host}/{self.repository}"


def parse_image(text: str) -> ImageReference:
    """Split an image name. Never fails: odd text gives odd parts, for the runner's pull to refuse."""
    rest, _, digest = text.strip().partition("@")
    head, slash, tail = rest.partition("/")
    registry = ""
    if slash and ("." in head or ":" in head or head == "localhost" or head.lower() != head):
        registry, rest = head, tail
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        name, tag = rest, ""
    return ImageReference(text, registry, name, tag, digest)

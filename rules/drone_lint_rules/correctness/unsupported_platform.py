"""Platforms that Drone does not support."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import (
    ConfigFile,
    Document,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Rule,
    Severity,
    Trigger,
    Value,
    server_faults,
)

_OS = ("linux", "windows")
_ARCH = ("arm", "arm64", "amd64", "ppc64le", "s390x")
_MEANT = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "x64": "amd64",
    "aarch64": "arm64",
    "armv8": "arm64",
    "armv7": "arm",
    "armv7l": "arm",
    "armhf": "arm",
}


class UnsupportedPlatform(Rule):
    """`platform` names an operating system or architecture that Drone does not support.

    For docker pipelines the server accepts `linux` and `windows`, and `amd64`, `arm64`, `arm`, `ppc64le` and `s390x`; any other value fails
    the build. A vm pipeline may also run on `darwin`.
    """

    name = "unsupported-platform"
    severity = Severity.ERROR
    why = "the server refuses the file"
    fixable = "unsafe"
    trigger = Trigger(keys=("platform",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        platform:
          os: darwin  # <- unsupported-platform
          arch: x86_64  # <- unsupported-platform
        """,
        """
        kind: pipeline
        type: vm
        name: default
        pool: {use: ubuntu}
        platform: {os: freebsd}  # <- unsupported-platform
        ---
        kind: pipeline
        name: capitals
        platform: {os: linux, arch: AMD64}  # <- unsupported-platform
        """,
        Jsonnet("""
        [
          { kind: 'pipeline', name: arch, platform: { arch: arch } }
          for arch in [
            'amd64',
            'armv7',  // <- unsupported-platform
          ]
        ]
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            platform:
              os: linux
              arch: x86_64  # <- unsupported-platform
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            platform:
              os: linux
              arch: amd64
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', platform: { arch: 'aarch64' }, steps: [] }  // <- unsupported-platform
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', platform: { arch: 'arm64' }, steps: [] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        name: default
        platform: {os: linux, arch: s390x, variant: v7}
        ---
        kind: pipeline
        type: exec
        name: other
        platform: {os: darwin, arch: "386"}
        ---
        kind: pipeline
        type: docker
        name: none
        platform: {os: "", arch: ~}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for evaluation in file.evaluations:
            for document in evaluation.server:
                if document.kind == "pipeline" and not server_faults(document):
                    yield from self._check(document)

    def _check(self, document: Document) -> Iterator[Finding]:
        type_ = document.value.get("type")
        system, arch = document.value.at("platform", "os"), document.value.at("platform", "arch")
        if type_ is None or type_.text in ("", "docker"):
            if system is not None and system.text and system.text not in _OS:
                yield self._finding(system, f"linter: unsupported os: {system.text}", "operating system", _OS)
            if arch is not None and arch.text and arch.text not in _ARCH:
                yield self._finding(arch, f"linter: unsupported architecture: {arch.text}", "architecture", _ARCH)
        elif type_.text == "vm" and system is not None and system.text and system.text not in (*_OS, "darwin"):
            yield self._finding(system, "", "operating system", (*_OS, "darwin"))

    def _finding(self, value: Value, words: str, what: str, known: tuple[str, ...]) -> Finding:
        lower = value.text.lower()
        meant = _MEANT.get(lower) or (lower if lower in known else None)
        hint = f"; did you mean `{meant}`?" if meant in known else f"; the choices are {', '.join(f'`{name}`' for name in known)}"
        fix = Fix(f"write `{meant}`", (Edit(value.place, meant),), safe=False) if meant in known and meant is not None else None
        drone = [("server", words)] if words else []
        return self.finding(value.place, f"Drone does not support the {what} `{value.text}`{hint}", drone=drone, fix=fix)

"""Files that a Dockerfile copies and that its build context does not have."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, Confidence, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Surroundings, Trigger, nearest
from drone_lint_rules.docker.context import CopySource, Pattern, copy_sources, dockerignore, ignored_by
from drone_lint_rules.docker.image_builds import ImageBuild, builds, dockerfile_at
from drone_lint_rules.docker.produced import may_be_made, nothing_is_made
from drone_lint_rules.docker.runs import surroundings
from drone_lint_rules.drone import MAY_RUN_DOCKER


class MissingCopySource(Rule):
    """A Dockerfile copies a file that is not in its build context.

    `COPY` and `ADD` (and `RUN --mount=type=bind`) take files from the context, the folder that `docker build` is given, and from nowhere else: paths begin there, not beside the
    Dockerfile, `..` does not lead out of it, and what `.dockerignore` lists is not in it. The context of a step is the clone: what only lies on your machine is not there.

    A file that is not in the repository is reported only where nothing before the build can have made it: no compiler, package manager, script or plugin runs earlier, or
    a file of nearly the same name is there. What `.gitignore` lists counts as made. Patterns, variables, URLs and `COPY --from` are left alone.
    """

    name = "missing-copy-source"
    trigger = (Trigger(words=("plugins/",)), Trigger(commands=MAY_RUN_DOCKER))
    severity = Severity.ERROR
    confidence = Confidence.MEDIUM
    why = "the build fails at this instruction: the builder sees the context only"
    help = "name a file of the context, or build with another context"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              commands:
              - docker build -f build/Dockerfile -t app .
              - docker build -t tool tool
            """,
            files=(
                (
                    "build/Dockerfile",
                    "FROM scratch\nCOPY entrypoint.sh /\nCOPY go.mod /src/\nCOPY src secret.txt /src/\nADD ../main.go /\n",
                ),
                ("build/entrypoint.sh", ""),
                ("go.mod", ""),
                ("secret.txt", ""),
                ("src/Main.go", ""),
                (".dockerignore", "# not these\n*.txt\n!kept.txt\n"),
                (
                    "tool/Dockerfile",
                    "FROM scratch\nRUN --mount=type=bind,source=x.json,target=/x true\nCOPY \\\n  ../go.mod \\\n  config.yml /\n",
                ),
                ("tool/config.yaml", ""),
            ),
            lines=(2, 2, 4, 4, 5, 5),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'compile', image: 'golang:1.22.1', commands: ['go build -o out ./cmd'] },
              { name: 'a', image: 'plugins/docker:20.18', settings: { repo: 'acme/app', context: 'app', dockerfile: 'app/Dockerfile' } },
            ] }
            """,
            files=(("app/Dockerfile", "FROM scratch\nCOPY out /\nCOPY server.cnf /\n"), ("app/server.conf", ""), ("cmd/main.go", "")),
            lines=(3,),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: compile, image: "node:20.11.1", commands: [npm ci, npm run build]}
            - name: build
              image: docker:27.3.1
              commands:
              - docker build -f ci/Dockerfile .
              - docker build --build-context x=/x -f ci/x.Dockerfile ci
              - docker build -f ci/x.Dockerfile $DIR
            """,
            files=(
                (
                    "ci/Dockerfile",
                    """FROM scratch AS a
COPY . /a
COPY ./package.json package-lock.json* /a/
COPY dist ignored/kept.txt /a/
COPY "${FILE}" https://example.com/x /a/
COPY --from=a /b /c
COPY <<EOF /x
EOF
FROM a
ADD --chown=1:1 ["package.json", "/x"]
""",
                ),
                ("ci/x.Dockerfile", "FROM scratch\nCOPY none /\n"),
                ("package.json", ""),
                ("ignored/kept.txt", ""),
                (".dockerignore", "ignored\n!ignored/kept.txt\n*.md\n"),
            ),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        seen: set[AnyPlace] = set()
        for build in builds(file) if around.is_repository else ():
            content = dockerfile_at(build.dockerfile, around)
            if content is None or content.foreign or build.context is None or not around.is_folder(build.context or "."):
                continue
            ignored = dockerignore(build.context, build.dockerfile, around)
            for source in copy_sources(content):
                finding = self._of_source(source, build, ignored, around) if source.path else None
                if finding is not None and finding.place not in seen:
                    seen.add(finding.place)
                    yield finding

    def _of_source(self, source: CopySource, build: ImageBuild, ignored: tuple[Pattern, ...], around: Surroundings) -> Finding | None:
        path = f"{build.context}/{source.path}" if build.context else source.path
        related: list[tuple[str, AnyPlace]] = [("built by this", build.place)]
        there = around.exists(path)
        pattern = ignored_by(source.path, ignored)
        if there and pattern is not None:
            related.insert(0, ("left out here", pattern.place))
            message = f"`{source.written}` is left out of the build context by `.dockerignore`"
            return self.finding(
                source.instruction.at(source.word),
                message,
                related=related,
                help=f"remove `{pattern.text}` there, or add `!{source.path}` below it",
            )
        if there is not False or may_be_made(path, build.step, build.run, around):
            return None
        folder = path.rpartition("/")[0]
        guess = nearest(path.rpartition("/")[2], around.names_in(folder), 0.8)
        if guess is None and not nothing_is_made(build.step, build.run, around):
            return None
        beside = f"{build.dockerfile.rpartition('/')[0]}/{source.path}".lstrip("/")
        help_ = f"write `{guess}`" if guess is not None else _other_place(beside, path, build, around)
        return self.finding(
            source.instruction.at(source.word), f"`{source.written}` is not in the build context", related=related, help=help_
        )


def _other_place(beside: str, path: str, build: ImageBuild, around: Surroundings) -> str:
    shown = build.context or "."
    if beside != path and around.exists(beside):
        where = beside.removeprefix(f"{build.context}/") if build.context else beside
        return f"paths begin at the context `{shown}`, not beside the Dockerfile: write `{where}`"
    return f"add it to the repository below `{shown}`, or build with another context"

"""Dockerfiles that cannot be built."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import AnyPlace, ConfigFile, Example, Finding, Jsonnet, Rule, Severity, Trigger
from drone_lint_rules.docker.dockerfile import Dockerfile
from drone_lint_rules.docker.dockerfile_check import dockerfile_faults
from drone_lint_rules.docker.image_builds import ImageBuild, builds, dockerfile_at
from drone_lint_rules.docker.produced import may_be_changed
from drone_lint_rules.docker.runs import surroundings
from drone_lint_rules.drone import MAY_RUN_DOCKER

_WHY = {
    "refused": "the build fails before its first instruction runs",
    "stage": "the build looks for an image of that name in the registry",
    "empty": "the variable is replaced with nothing",
}


class InvalidDockerfile(Rule):
    """A Dockerfile that a step builds is not valid.

    Dockerfiles are found by `docker build`, Compose (`build:`) and the plugins that build images, also behind make targets and scripts of the repository, and read as BuildKit
    reads them: escapes, continued lines, here-documents, flags of each instruction, stages. Reported are unknown instructions and flags, a missing `FROM` or argument, here-documents
    that do not end, a `--target` or stage that is not there, and `ARG`s above the first `FROM` that are used below it, where they are empty.

    Silent: files with a `# syntax=` that is not Docker's, templates, and files that an earlier command may change.
    """

    name = "invalid-dockerfile"
    trigger = (Trigger(words=("plugins/",)), Trigger(commands=MAY_RUN_DOCKER))
    severity = Severity.ERROR
    why = _WHY["refused"]
    help = "mend the instruction"

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
              - docker build -t app .
              - docker build --target tets -f ci/two.Dockerfile ci  # <- invalid-dockerfile
            """,
            files=(
                (
                    "Dockerfile",
                    """ARG VERSION=1.22
FROM golang:${VERSION} AS build
WROKDIR /src
COPY --form=build . .
RUN <<EOF
FRM is text here
EOF
RUN go build -ldflags "-X v=$VERSION" \\

    # a comment
    ./...
FROM alpine:3.20.1
COPY --from=biuld /src/app /app
HEALTHCHECK curl localhost
ENV A
""",
                ),
                ("ci/two.Dockerfile", "RUN true\nFROM scratch AS test\nRUN <<END\n"),
            ),
            lines=(1, 3, 3, 4, 8, 13, 14, 15),
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'plugins/docker:20.18', settings: { repo: 'acme/app', dockerfile: 'app.Dockerfile' } },
            ] }
            """,
            files=(("app.Dockerfile", "# only this\nARG A=1\n"),),
            lines=(2,),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              commands:
              - docker build -t app --target test .
              - docker build -f other.Dockerfile .
              - docker build -f template.Dockerfile .
              - sed -i s/X/Y/ made.Dockerfile
              - docker build -f made.Dockerfile .
            """,
            files=(
                (
                    "Dockerfile",
                    """# escape=`
ARG VERSION=1.22
from golang:$VERSION as Build
ARG VERSION
run echo $VERSION ${OTHER} `
    && true
COPY --from=docker:27.3.1-cli --chown=1:1 --link /usr/local/bin/docker ["/usr/local/bin/", "/x/"]
FROM build AS test
RUN --mount=type=cache,target=/x --mount=type=bind,from=build,target=/y echo $VERSION
COPY --from=0 /a /b
COPY <<A <<-"B" /x/
FRM
A
\tB
ENV A b c
LABEL "a b"=c d='e f'
ONBUILD RUN true
HEALTHCHECK NONE
""",
                ),
                ("other.Dockerfile", "# syntax=example.com/front/end\nWHATEVER\n"),
                ("template.Dockerfile", "FROM a\n{{ if x }}\nRUN\n"),
                ("made.Dockerfile", "X a\n"),
            ),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        seen: set[AnyPlace] = set()
        for build in builds(file):
            content = dockerfile_at(build.dockerfile, around)
            if content is None or (build.run is not None and may_be_changed(build.dockerfile, build.step, build.run, around)):
                continue
            for finding in (*self._of_file(content, build), *self._of_target(content, build)):
                if finding.place not in seen:
                    seen.add(finding.place)
                    yield finding

    def _of_file(self, content: Dockerfile, build: ImageBuild) -> Iterator[Finding]:
        for fault in dockerfile_faults(content):
            severity = Severity.ERROR if fault.kind == "refused" else Severity.WARNING
            related = [("built by this", build.place)]
            yield self.finding(fault.place, fault.message, severity=severity, related=related, why=_WHY[fault.kind], help=fault.help)

    def _of_target(self, content: Dockerfile, build: ImageBuild) -> Iterator[Finding]:
        if build.target and not content.foreign and content.stages and content.stage(build.target) is None:
            from drone_lint.api import did_you_mean

            guess = did_you_mean(build.target, [stage.name for stage in content.stages if stage.name])
            yield self.finding(
                build.place, f"`{build.dockerfile}` has no stage `{build.target}`{guess}", help="name a stage of the Dockerfile"
            )

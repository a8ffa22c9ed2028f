"""Files with secrets that images take in."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, AnyPlace, Confidence, ConfigFile, Example, Finding, Rule, Severity, Trigger
from drone_lint_rules.docker.workspace_secrets import copied_secrets
from drone_lint_rules.drone import CONTAINERS


class SecretInImageLayer(Rule):
    """A Dockerfile copies a file into which a step of the pipeline wrote a secret.

    Each `COPY` is a layer of its own. Whoever has the image, or its build cache, reads the file out of that layer, also when a later `RUN rm` removes it; the layers of a
    stage that does not become the image stay on the machine of the daemon that built them, which other builds use.

    Mount the secret for the one command that needs it: `RUN --mount=type=secret,id=netrc,target=/root/.netrc go build ./...`, with `docker build --secret id=netrc,src=.netrc .`.
    """

    name = "secret-in-image-layer"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    references = (CWE(538), CWE(522))
    why = "the secret stays in a layer, where everyone who has the image or the builder's cache can read it"
    help = "mount it instead: `RUN --mount=type=secret,id=...`, with `docker build --secret id=...,src=...`"
    trigger = Trigger(keys=("from_secret",))

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              environment: {TOKEN: {from_secret: token}}
              commands:
              - echo "machine git.example.com password $TOKEN" > ci/.netrc
              - docker build -f ci/Dockerfile .
            """,
            files=(
                (
                    "ci/Dockerfile",
                    "FROM golang:1.22 AS builder\nCOPY ci/.netrc /root/.netrc\nRUN go build ./...\nFROM scratch\nCOPY --from=builder /app /app\n",
                ),
            ),
            lines=(2,),
        ),
        Example(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', environment: { TOKEN: { from_secret: 'token' } }, commands: [
                'cat > app/.npmrc <<EOF\\n//npm.example.com/:_authToken=$TOKEN\\nEOF',
                'cd app && docker build .',
              ] },
            ] }
            """,
            files=(("app/Dockerfile", "FROM node:22\nCOPY . .\n"),),
            lines=(2,),
            language="jsonnet",
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
              environment: {TOKEN: {from_secret: token}, NAME: plain}
              commands:
              - echo "machine git.example.com password $TOKEN" > ~/.netrc
              - echo "$TOKEN" > /tmp/token
              - echo $NAME > ci/name
              - docker build --secret id=token,src=/tmp/token -f ci/Dockerfile .
            """,
            files=(("ci/Dockerfile", "FROM golang:1.22\nCOPY ci/name /name\nRUN --mount=type=secret,id=token make\n"),),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              environment: {TOKEN: {from_secret: token}}
              commands: ['echo "$TOKEN" > .token', docker build .]
            """,
            files=(("Dockerfile", "FROM golang:1.22\nCOPY . .\n"), (".dockerignore", ".token\n")),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        seen: set[AnyPlace] = set()
        for evaluation in file.evaluations:
            for document in evaluation.server:
                pipeline = document.pipeline
                if pipeline is None or pipeline.type not in CONTAINERS:
                    continue
                for one in copied_secrets(file, pipeline.steps):
                    if one.copied.place in seen:
                        continue
                    seen.add(one.copied.place)
                    where = "a layer of the image" if one.copied.last else f"a layer of stage `{one.copied.stage}`"
                    related = [("the secret is written here", one.written.place), ("built by this", one.build.run.place)]
                    message = (
                        f"`{one.build.shown}` copies `{one.written.path}`, which holds the secret `{one.written.variable}`, into {where}"
                    )
                    yield self.finding(one.copied.place, message, related=related)

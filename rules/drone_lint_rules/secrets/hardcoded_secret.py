"""Secrets written into the file."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, Confidence, Document, Finding, Jsonnet, Pipeline, Rule, Settings, Severity, Step, Value
from drone_lint_rules.secrets._shapes import WEAK, is_placeholder, names_secret, tokens_in


class HardcodedSecret(Rule):
    """A secret stands in the configuration as plain text.

    Whoever reads the repository, now or in its history, has it. Reported are tokens of known forms anywhere in a file (access keys, personal tokens, private keys,
    addresses with a password), and values under names like `password` or `api_key` in a step's `environment` or `settings` that are no placeholders. A password that
    nobody would protect anything with, in a service or an environment, is a database for tests: a notice. No report ever shows the value.

    Store it with `drone secret add` or a secret extension and write `from_secret: name`; then change the secret, for the old one stays in the history. More names:
    `secrets: {keys: [LICENSE]}`.
    """

    name = "hardcoded-secret"
    severity = Severity.ERROR
    confidence = Confidence.MEDIUM
    why = "whoever can read the repository, or its history, has it"
    help = "write `from_secret: name`, store it in Drone, and change it: the old one stays in the history"
    references = (OWASP.CICD_SEC_6, CWE(798))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/docker:20.18
          settings:
            username: ci
            password: hunter2  # <- hardcoded-secret
            deep: {api_key: "kJ83-hd72"}  # <- hardcoded-secret
        - name: deploy
          image: alpine:3.20
          environment:
            githubToken: 9f8e7d6c5b4a  # <- hardcoded-secret
            DATABASE_URL: postgres://app:s3cr3tpw@db.internal/app  # <- hardcoded-secret
            PIN_PASSWORD: 83610274  # <- hardcoded-secret
          commands:
          - curl -H "Authorization: token ghp_abcdefghijABCDEFGHIJabcdefghij123456" https://api.github.com  # <- hardcoded-secret
        services:
        - name: db
          image: postgres:16.2
          environment:
            POSTGRES_PASSWORD: postgres  # <- hardcoded-secret
        """,
        Jsonnet("""
        local key = 'AKIA2E0A8F3B244C9986';  // <- hardcoded-secret
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'plugins/s3:1', settings: { access_key: key, secret_key: { from_secret: 'key' } } },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: publish
          image: plugins/docker:20.18
          settings:
            password: {from_secret: password}
            token: ${DRONE_REPO_NAME}
            auth_token: $TOKEN
            secret_key: "<your key>"
            secret: ""
            token_url: https://example.com/token
            access_key: AKIAIOSFODNN7EXAMPLE
            use_token: true
            password_file: /run/secrets/password
            key: cache-v1
            private_key: /etc/ssl/key.pem
            cache_key: go-mod
        - name: test
          image: golang:1.22.1
          environment:
            PASSWORD_MIN_LENGTH: 12
            API_KEY: changeme
            CREDENTIALS: ~
            MONKEY: banana
            COMPASS: north
          commands:
          - git clone https://$USER:$TOKEN@example.com/repo.git
          - curl https://example.com:8080/x@y
        services:
        - name: db
          image: mysql:8.0
          environment: {MYSQL_ALLOW_EMPTY_PASSWORD: "yes"}
        """,
    )

    def check_document(self, document: Document) -> Iterator[Finding]:
        pipeline = document.pipeline
        seen = set()
        for value in document.value.scalars():
            for shape in tokens_in(value.text):
                if shape.title == "Password in an address" and _is_weak(value.text[shape.start : shape.end]):
                    continue
                seen.add(id(value.node))
                place = value.place if shape.start == 0 and shape.end == len(value.text) else value.range(shape.start, shape.end)
                confidence = Confidence.HIGH if shape.title != "JSON Web Token" else Confidence.MEDIUM
                yield self.finding(place, f"{_article(shape.title)} stands here in plain text", confidence=confidence, secret=True)
        if pipeline is not None:
            yield from (finding for finding in self._named(pipeline, seen))

    def _named(self, pipeline: Pipeline, seen: set[int]) -> Iterator[Finding]:
        of_services = {value.text for step in pipeline.services for _, value in _candidates(step, self.settings)}
        for step in pipeline.containers:
            for key, value in _candidates(step, self.settings):
                if id(value.node) in seen or (not step.is_service and value.text in of_services and value.path[2] == "environment"):
                    continue
                harmless = value.path[2] == "environment" and (step.is_service or _is_weak(value.text) or _is_for_tests(key))
                message = f"the value of `{key}` is a secret in plain text"
                if harmless:
                    message = f"the value of `{key}` stands here in plain text, fit for tests only"
                yield self.finding(
                    value.place,
                    message,
                    severity=Severity.NOTICE if harmless else Severity.ERROR,
                    why="fine for a database that lives as long as the build" if harmless else None,
                    help="" if harmless else None,
                    group=f"{key}={value.text}" if harmless else None,
                    secret=True,
                )


def _article(title: str) -> str:
    first = title.split(" ", maxsplit=1)[0]
    text = title if first in _NAMES else title[0].lower() + title[1:]
    return f"{'an' if title[0] in 'AO' else 'a'} {text}"


_NAMES = (
    "Slack",
    "Discord",
    "Google",
    "Stripe",
    "Docker",
    "HashiCorp",
    "DigitalOcean",
    "Telegram",
    "Twilio",
    "Linear",
    "JSON",
    "GitHub",
    "GitLab",
    "SendGrid",
    "PyPI",
    "OpenAI",
    "AWS",
    "npm",
)


def _candidates(step: Step, settings: Settings) -> Iterator[tuple[str, Value]]:
    """Values under names that say secret, which are written out."""
    more = settings.secrets.keys
    for section in ("environment", "settings"):
        found = step.get(section)
        stack = list(found.items())[::-1] if found is not None else []
        while stack:
            key, value = stack.pop()
            if value.is_map:
                if value.get("from_secret") is None:
                    stack.extend(list(value.items())[::-1])
            elif value.is_list:
                stack.extend((key, item) for item in list(value)[::-1])
            elif names_secret(key, more) and _is_written_out(value):
                yield key, value


def _is_written_out(value: Value) -> bool:
    data = value.data
    if data is None or isinstance(data, bool):
        return False
    text = value.text
    return not is_placeholder(text) and not text.startswith(
        ("/", "./", "../", "~/", "file:", "http://", "https://", "arn:", "env:", "vault:", "op://")
    )


def _is_for_tests(key: str) -> bool:
    """Whether a name says that it is for tests: `CYPRESS_TEST_SECRET`."""
    return any(
        word in ("test", "tests", "testing", "e2e", "cypress", "playwright", "dummy", "fake", "mock") for word in key.lower().split("_")
    )


def _is_weak(text: str) -> bool:
    return text.lower() in WEAK or text.lower().rstrip("0123456789!") in WEAK

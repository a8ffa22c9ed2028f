"""Secrets written into the file."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import CWE, OWASP, AnyPlace, Confidence, ConfigFile, Document, Finding, Jsonnet, Rule, Severity, TextPlace
from drone_lint_rules.secrets._literals import Literal, literals, severity_in_address
from drone_lint_rules.secrets._shapes import ADDRESS, GUESSES, Token, identity, shapes_in, tokens_in, tokens_of


class HardcodedSecret(Rule):
    """The configuration contains a secret in plain text.

    Anyone who can read the repository or its history can read the secret. The rule reports tokens of known formats anywhere in a file, including comments (access keys, personal tokens,
    private keys, URLs with a password), and values under keys such as `password` or `api_key` in `environment`, `settings` (including build arguments and JSON), an `ssh` pipeline's
    `server` or a template's `data`, unless they are placeholders. Secrets of services, of a host beside them that is a service of the pipeline (`db_host: mysql`), and well-known weak passwords in an environment, are assumed to belong to a
    test database and are only a notice. Reports never show the value.

    Store the secret with `drone secret add` or a secret extension and write `from_secret: name`; then replace the secret, because the old one remains in the history. Declare further keys with
    `secrets: {keys: [LICENSE]}`.
    """

    name = "hardcoded-secret"
    severity = Severity.ERROR
    confidence = Confidence.MEDIUM
    why = "anyone who can read the repository or its history can read the secret"
    help = "write `from_secret: name`, store a new secret in Drone, and revoke this one: it remains in the history"
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
            DEPLOY_TOKEN: {value: pa$$w0rd9}  # <- hardcoded-secret
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
        """
        kind: pipeline
        type: docker
        name: of a service, which is a notice
        steps:
        - name: migrate
          image: acme/migrate:1.2
          settings:
            db_host: mysql
            db_password: xk42-test  # <- hardcoded-secret
            registry_password: qv73-test  # <- hardcoded-secret
        services:
        - {name: mysql, image: "mysql:8.0.36"}
        """,
        """
        kind: pipeline
        type: docker
        name: elsewhere
        environment:
          API_TOKEN: k3jh4k5j6h7k  # <- hardcoded-secret
        steps:
        - name: publish
          image: acme/plugin:1.2
          settings:
            auth: dXNlcjpodW50ZXIy  # <- hardcoded-secret
            password: [hunter2]  # <- hardcoded-secret
            build_args: [VERSION=1, NPM_TOKEN=k3jh4k5j6h7k]  # <- hardcoded-secret
            options: '{"user": "ci", "deep": [{"api_token": "k3jh4k5j6h7k"}]}'  # <- hardcoded-secret
            config: '{"auths": {"registry.example.com": {"auth": "dXNlcjpodW50ZXIy"}}}'  # <- hardcoded-secret
            identity: "-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\\n-----END OPENSSH PRIVATE KEY-----"  # <- hardcoded-secret
          commands:
          - git clone https://ci:hunter2@git.example.com/app.git  # <- hardcoded-secret
          - psql postgres://app:s3cr3tpw@db/app  # <- hardcoded-secret
          # - export TOKEN=glpat-abcdefghij0123456789  # <- hardcoded-secret
        - name: db
          image: postgres:16.2
          detach: true
          environment: {POSTGRES_PASSWORD: wxnz73kd0q}  # <- hardcoded-secret
        ---
        kind: pipeline
        type: ssh
        name: ssh
        server: {host: build.example.com, user: ci, password: hunter2}  # <- hardcoded-secret
        ---
        kind: template
        load: plugin.yaml
        data:
          token: k3jh4k5j6h7k  # <- hardcoded-secret
        """,
        Jsonnet("""
        local key = 'AKIA2E0A8F3B244C9986';  // <- hardcoded-secret
        local old = 'AKIA2E0A8F3B244C9987';  // <- hardcoded-secret
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
            deploy_key: id_ed25519
            credentials: account.json
            cache_key: go-mod
            auth: basic
            options: '{"password": "$PASSWORD", "token": {"from_secret": "token"}, "key": "a1b2c3d4"}'
            smtp_auth: cram-md5
            secrets: [docker_password, ssh-key]
            secret: id=npm,env=NPM
            api_token: NPM_TOKEN
            build_args: [NPM_TOKEN=$NPM_TOKEN, TOKEN_FILE=token.txt]
            public: "-----BEGIN PUBLIC KEY-----"
        - name: test
          image: golang:1.22.1
          environment:
            PASSWORD_MIN_LENGTH: 12
            API_KEY: changeme
            CREDENTIALS: ~
            A_TOKEN: __TOKEN__
            B_TOKEN: "{{ .token }}"
            C_TOKEN: "@token@"
            PASSWORD_SHA256: 9f86d081884c7d65
            COMMIT: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
            OLD_PASSWORD: {$secret: old_password}
            API_TOKEN: {from_password: old_token, fromSecret: other_token}
            MONKEY: banana
            COMPASS: north
          commands:
          - git clone https://$USER:$TOKEN@example.com/repo.git
          - curl https://example.com:8080/x@y
          - psql postgres://postgres:postgres@db/app
          - grep -q -- "-----BEGIN PRIVATE KEY-----" key.pem
          - curl -H "Authorization: Bearer $TOKEN" http://admin:admin@localhost:8080
        services:
        - name: db
          image: mysql:8.0
          environment: {MYSQL_ALLOW_EMPTY_PASSWORD: "yes"}
        """,
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        documents = [document for evaluation in file.evaluations for document in evaluation.server]
        tokens = tokens_of({text for document in documents for text in document.content.texts})
        for document in documents:
            yield from self._in_document(document, tokens)
        seen = {identity(text[token.start : token.end]) for text, found in tokens.items() for token in found}
        for source in file.sources or (file.source,):
            for token in tokens_in(source.text, shapes_in(source.text)):
                text = identity(source.text[token.start : token.end])
                if text not in seen and token.title not in GUESSES:
                    seen.add(text)
                    yield self._token(TextPlace(source, token.start, token.end), token)

    def _in_document(self, document: Document, tokens: dict[str, list[Token]]) -> Iterator[Finding]:
        """Secrets in the values of a document; `tokens` has the tokens of each text."""
        with_token = set()
        for value in document.value.scalars() if not tokens.keys().isdisjoint(document.content.texts) else ():
            for token in tokens.get(value.text, ()):
                if document.kind == "secret" and value.path[0] == "data":
                    continue  # `inline-secret-resource` reports these
                with_token.add(id(value.node))
                whole = token.start == 0 and token.end == len(value.text)
                place = value.place if whole else value.range(token.start, token.end)
                if token.title != ADDRESS:
                    yield self._token(place, token)
                elif (severity := severity_in_address(value.text, token, document.pipeline)) is not None:
                    yield self._token(place, token, severity)
        yield from (self._named(literal) for literal in literals(document, self.settings) if id(literal.value.node) not in with_token)

    def _token(self, place: AnyPlace, token: Token, severity: Severity = Severity.ERROR) -> Finding:
        confidence = Confidence.MEDIUM if token.title in GUESSES else Confidence.HIGH
        harmless = severity is not Severity.ERROR
        return self.finding(
            place,
            f"the file contains {token.title} in plain text" + (", but it seems to be only for tests" if harmless else ""),
            severity=severity,
            confidence=confidence,
            why=_FINE if harmless else None,
            help="" if harmless else None,
            secret=True,
        )

    def _named(self, literal: Literal) -> Finding:
        text = literal.value.text
        end = len(text) if literal.end is None else literal.end
        place = literal.value.place if literal.text == text else literal.value.range(literal.start, end)
        if not literal.harmless:
            return self.finding(place, f"the value of `{literal.key}` is a secret in plain text", secret=True)
        return self.finding(
            place,
            f"the value of `{literal.key}` is in plain text, but it seems to be only for tests",
            severity=Severity.NOTICE,
            why=_FINE,
            help="",
            group=f"{literal.key}={literal.text}",
            secret=True,
        )


_FINE = "this is fine for a database that exists only during the build"

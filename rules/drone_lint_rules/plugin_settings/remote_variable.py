"""Variables of a step that commands on another host do not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import Confidence, Finding, Jsonnet, Pipeline, Rule, Step, Trigger
from drone_lint_rules.plugins import Plugin, plugin_of
from drone_lint_rules.plugins.remote import passed_names, passes_drone, remote_scripts

if TYPE_CHECKING:
    from drone_lint_rules.shell import Script
    from drone_lint_rules.shell.syntax import Part, SimpleCommand

_OF_DRONE = ("DRONE_", "CI_", "PLUGIN_")


class RemoteVariable(Rule):
    """A script on another host uses a variable that only the step has.

    `appleboy/drone-ssh` sends its `script` to a host, where the shell has that host's variables. Of the step's own it gets those that `envs` lists: variables of `environment` (also secrets)
    and Drone's `DRONE_*`. Every other one is empty there, without a message. `${DRONE_X}` is different: Drone replaces it in the file, before any shell runs.

    The rule reports `DRONE_*` and the variables that the step's or pipeline's `environment` declares, unless the script sets them itself.
    """

    name = "remote-variable"
    confidence = Confidence.MEDIUM
    why = "the script runs in a shell of the other host, which has none of the step's variables: it is empty there"
    trigger = Trigger(keys=("script", "prescript", "target"))

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: deploy
          image: appleboy/drone-ssh:1.7.3
          environment:
            APP_TOKEN: {from_secret: app_token}
            STAGE: test
          settings:
            host: example.com
            envs: [STAGE]
            script:
            - ./restart.sh "$APP_TOKEN" $STAGE  # <- remote-variable
            - echo $${DRONE_COMMIT_SHA:0:8}  # <- remote-variable
        - name: text
          image: appleboy/drone-ssh
          settings:
            script: |
              set -e
              docker pull acme/app:$DRONE_TAG  # <- remote-variable
        - name: copy
          image: appleboy/drone-scp
          settings: {source: dist, target: /srv/$DRONE_BUILD_NUMBER}  # <- remote-variable
        """,
        Jsonnet("""
        local ssh(script) = { name: 'ssh', image: 'appleboy/drone-ssh:1.7', environment: { VERSION: '1' }, settings: { host: 'a', script: script } };
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          ssh(['deploy $VERSION']),  // <- remote-variable
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
          image: appleboy/drone-ssh:1.7.3
          environment: {APP_TOKEN: {from_secret: app_token}, VERSION: "1"}
          settings:
            host: example.com
            envs: app_token, DRONE_TAG
            script:
            - ./restart.sh "$APP_TOKEN" $DRONE_TAG ${DRONE_BRANCH} $HOME $OTHER
            - VERSION=$(cat version); echo $VERSION '$DRONE_BRANCH'
            - cat > f <<'EOF'
            - $DRONE_BRANCH
            - EOF
        - name: all
          image: appleboy/drone-ssh:1.7.3
          settings: {allenvs: true, script: [echo $DRONE_TAG]}
        - name: local
          image: alpine:3.20
          commands: [echo $DRONE_TAG]
        - name: unknown
          image: acme/ssh:1
          settings: {script: [echo $DRONE_TAG]}
        """,
    )

    def check_step(self, step: Step, pipeline: Pipeline) -> Iterator[Finding]:
        plugin = plugin_of(step, self.settings)
        if plugin is None:
            return
        scripts = [script for script in remote_scripts(step, plugin) if script.mentions("$")]
        passed = passed_names(step, plugin) if scripts else None
        if passed is not None:
            of_step = {name.upper() for name in (*step.environment, *dict(_own(pipeline)))}
            for script in scripts:
                yield from self._in_script(script, plugin, of_step - passed, () if passes_drone(step, plugin) else passed)
        yield from self._in_paths(step, plugin)

    def _in_script(self, script: Script, plugin: Plugin, missing: set[str], passed: tuple[()] | frozenset[str]) -> Iterator[Finding]:
        every = passed == ()
        assigned: set[str] = set()
        for command in script.commands:
            for part in _expanded(command):
                of_drone = part.name.startswith(_OF_DRONE) and not every and part.name not in passed
                if part.name not in assigned and (part.name in missing or of_drone) and not _has_default(part):
                    yield self._finding(script, plugin, part)
            assigned |= {item.name for item in command.assignments}
            if command.program in ("read", "for"):
                assigned |= {word.text for word in command.arguments}

    def _finding(self, script: Script, plugin: Plugin, part: Part) -> Finding:
        setting = next(iter(plugin.fact("passes")), "")
        way = [f"add it to `{setting}`: `{setting}: [{part.name}]`"] if setting else []
        if part.name.startswith("DRONE_"):
            way.append(f"write `${{{part.name}}}`, which Drone replaces in the file")
        place = script.place(part.start, part.end)
        rest = f": `{setting}` does not pass it" if setting else ""
        return self.finding(place, f"`{part.name}` is empty on the other host{rest}", help=", or ".join(way) or "write the value")

    def _in_paths(self, step: Step, plugin: Plugin) -> Iterator[Finding]:
        from drone_lint_rules.shell.script import shell_text

        for name in plugin.fact("remote-path"):
            value = step.settings.get(name)
            for item in (value, *value) if value is not None else ():
                text = shell_text(item.text).text if item.is_string else ""
                variable = next((word for word in _names_in(text) if word.startswith(_OF_DRONE)), None)
                if variable is not None:
                    yield self.finding(
                        item.place,
                        f"`{variable}` is empty on the other host, whose shell reads `{name}`",
                        help=f"write `${{{variable}}}`, which Drone replaces in the file",
                    )


def _own(pipeline: Pipeline) -> Iterator[tuple[str, object]]:
    environment = pipeline.get("environment")
    return environment.items() if environment is not None else iter(())


def _expanded(command: SimpleCommand) -> Iterator[Part]:
    """The variables that the shell replaces in a command, here-documents included."""
    bodies = [word for redirection in command.redirections for word in (redirection.target, *redirection.body)]
    for word in (*command.words, *(item.value for item in command.prefixes), *bodies):
        yield from word.variables()


def _has_default(part: Part) -> bool:
    return part.operator.startswith((":-", "-", ":=", "=", ":?", "?", ":+", "+"))


def _names_in(text: str) -> Iterator[str]:
    """`X` of each `$X`; a `${X}` is Drone's."""
    for piece in text.split("$")[1:]:
        name = piece[: next((at for at, sign in enumerate(piece) if not (sign.isalnum() or sign == "_")), len(piece))]
        if name:
            yield name

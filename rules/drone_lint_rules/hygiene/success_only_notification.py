"""Notifications that fall silent when a build fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drone_lint.api import Finding, Jsonnet, Pipeline, Rule, Severity, Step, data_lines, takes


class SuccessOnlyNotification(Rule):
    """A pipeline ends with a notification that is sent for successes only.

    A step without `when: {status: ...}` runs only if nothing before it has failed. So the message comes for builds that are fine, and the builds that one wants to hear about
    are silent.

    Write `when: {status: [success, failure]}`. Which images are taken for notifications is told by words in their names.
    """

    name = "success-only-notification"
    severity = Severity.INFO
    profile = "pedantic"
    why = "a step runs only if nothing before it has failed, unless its `when` says otherwise"
    help = "write `when: {status: [success, failure]}` to hear about failures too"

    bad = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - name: test
          image: golang:1.22.1
          commands: [make]
        - name: tell
          image: appleboy/drone-telegram:1.4.0  # <- success-only-notification
          when: {branch: main}
        """,
        Jsonnet("""
        { kind: 'pipeline', type: 'docker', name: 'a', steps: [
          { name: 'test', image: 'golang:1.22.1', commands: ['make'] },
          { name: 'tell', image: 'plugins/slack:1.4' },  // <- success-only-notification
        ] }
        """),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: default
        steps:
        - {name: test, image: "golang:1.22.1", commands: [make]}
        - {name: tell, image: "plugins/slack:1.4", when: {status: [success, failure]}}
        ---
        kind: pipeline
        type: docker
        name: in two parts
        steps:
        - {name: test, image: "golang:1.22.1", commands: [make]}
        - {name: failed, image: "plugins/slack:1.4", when: {status: [failure]}}
        - {name: done, image: "plugins/slack:1.4"}
        ---
        kind: pipeline
        type: docker
        name: an announcement
        steps:
        - {name: tell, image: "plugins/slack:1.4"}
        ---
        kind: pipeline
        type: docker
        name: on purpose
        steps:
        - {name: test, image: "golang:1.22.1", commands: [make]}
        - {name: done, image: "plugins/slack:1.4", when: {status: success}}
        """,
    )

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        if len(pipeline.steps) < 2 or any(_wants_failures(step) for step in pipeline.steps):
            return
        last = pipeline.steps[-1]
        if last.image is not None and last.get("commands") is None and not last.when["status"] and is_notification(last):
            yield self.finding(last.image.place, f"{last.title} tells of successes only: it does not run after a failure")


def _wants_failures(step: Step) -> bool:
    return bool(step.when["status"]) and takes(step.when["status"], "failure")


def is_notification(step: Step) -> bool:
    """Whether the image's name says that it sends messages to people."""
    last = step.reference.repository.rsplit("/", 1)[-1]
    return not set(re.split(r"[-_.]", last.lower())).isdisjoint(data_lines(__file__, "notification_words.txt"))

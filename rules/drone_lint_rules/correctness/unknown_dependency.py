"""Dependencies on names that do not exist, or are defined later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drone_lint.api import (
    ConfigFile,
    Edit,
    Example,
    Finding,
    Fix,
    Jsonnet,
    Pipeline,
    Rule,
    Severity,
    Trigger,
    did_you_mean,
    nearest,
)
from drone_lint_rules.dependencies import Wrong, of_pipelines, of_steps


class UnknownDependency(Rule):
    """`depends_on` contains a name that is not defined before it.

    Drone reads a file from top to bottom: it refuses a dependency on a step, service or pipeline further down in the file just as it
    refuses one on a name that does not exist. It reads services before steps, and knows `clone` unless cloning is
    disabled. `drone lint` accepts pipelines in any order; the server does not.

    Move the dependency up, or correct the name. No pipeline can depend on one without a name, not even as `default`.
    """

    name = "unknown-dependency"
    severity = Severity.ERROR
    why = "Drone refuses the file"
    fixable = "unsafe"
    trigger = Trigger(keys=("depends_on",))

    bad = (
        """
        kind: pipeline
        type: docker
        name: second
        depends_on: [first]  # <- unknown-dependency
        steps:
        - name: test
          image: golang:1.22.1
          depends_on: [clone, db, biuld]  # <- unknown-dependency
        - name: build
          image: golang:1.22.1
          depends_on:
          - deploy  # <- unknown-dependency
        - name: deploy
          image: golang:1.22.1
        services:
        - name: db
          image: postgres:16.2
          depends_on: [deploy]  # <- unknown-dependency
        ---
        kind: pipeline
        type: docker
        name: first
        clone: {disable: true}
        steps:
        - name: test
          image: golang:1.22.1
          depends_on: [clone]  # <- unknown-dependency
        """,
        Jsonnet("""
        local pipeline(name, after=[]) = { kind: 'pipeline', type: 'docker', name: name, depends_on: after };
        [
          pipeline('a'),
          pipeline('b', ['c']),  // <- unknown-dependency
          pipeline('c', ['a']),
        ]
        """),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: golang:1.22.1
            - name: test
              image: golang:1.22.1
              depends_on: [bild]  # <- unknown-dependency
            """,
            fixed="""
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: golang:1.22.1
            - name: test
              image: golang:1.22.1
              depends_on: [build]
            """,
        ),
        Jsonnet(
            """
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'build', image: 'golang:1.22.1' },
              { name: 'test', image: 'golang:1.22.1', depends_on: ['bild'] },  // <- unknown-dependency
            ] }
            """,
            fixed="""
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'build', image: 'golang:1.22.1' },
              { name: 'test', image: 'golang:1.22.1', depends_on: ['build'] },
            ] }
            """,
        ),
    )
    good = (
        """
        kind: pipeline
        type: docker
        name: first
        steps:
        - name: build
          image: golang:1.22.1
          depends_on: [clone, db]
        - name: test
          image: golang:1.22.1
          depends_on: [build]
        services:
        - name: db
          image: postgres:16.2
        ---
        kind: pipeline
        type: docker
        name: second
        depends_on: [first]
        """,
    )
    view = "runner"

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        yield from self._findings(of_pipelines(file))

    def check_pipeline(self, pipeline: Pipeline) -> Iterator[Finding]:
        yield from self._findings(of_steps(pipeline))

    def _findings(self, wrongs: Iterable[Wrong]) -> Iterator[Finding]:
        for wrong in wrongs:
            if not wrong.edge.cycle and not wrong.is_null:
                yield self._finding(wrong)

    def _finding(self, wrong: Wrong) -> Finding:
        edge = wrong.edge
        name, value = edge.value.text, edge.value
        owner = f"{wrong.kind} `{edge.item.name}`"
        if edge.later:
            message = f"{owner} depends on `{name}`, which is defined further down in the file"
            return self.finding(value.place, message, drone=wrong.drone, help=f"move `{name}` above {owner}")
        listed = {one.text for one in edge.item.depends_on}
        others = [other for other in wrong.known if other != edge.item.name and other not in listed]
        guess = nearest(name, others)
        fix = Fix(f"write `{guess}`", (Edit(value.place, guess),), safe=False) if guess else None
        message = f"{owner} depends on `{name}`, which does not exist{did_you_mean(name, others)}"
        return self.finding(value.place, message, drone=wrong.drone, fix=fix)

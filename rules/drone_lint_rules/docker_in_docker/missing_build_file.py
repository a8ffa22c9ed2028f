"""Files that build commands name and nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from drone_lint.api import (
    AnyPlace,
    Confidence,
    ConfigFile,
    Example,
    Finding,
    Jsonnet,
    Rule,
    Step,
    Surroundings,
    Trigger,
    Value,
    automatic_plugin,
)
from drone_lint_rules.docker.folders import join
from drone_lint_rules.docker.named import Named, environment_files, named_files
from drone_lint_rules.docker.runs import Run, may_run_docker, runs, steps_of, surroundings
from drone_lint_rules.drone import MAY_RUN_DOCKER, clones
from drone_lint_rules.shell import script_of

if TYPE_CHECKING:
    from drone_lint_rules.docker.compose import ComposeUse

_README = ("README.md", "an application\n")


class MissingBuildFile(Rule):
    """A command of Docker, Compose or make names a file or folder that is not in the repository.

    Steps run in a clone of the repository. `docker build -f FILE`, `docker compose -f FILE`, `COMPOSE_FILE`, `docker buildx bake -f FILE`, `make -C DIR` and `make -f FILE`
    fail when what they name is not there; so do `docker build DIR` without a `Dockerfile` in `DIR` and `docker compose up` without a compose file. Plugins
    that build images have `settings.dockerfile` and `settings.context`. Commands of make targets and shell scripts of the repository are read too.

    Of the compose files that a command reads, what their services name is looked for as well: `build.context`, `dockerfile`, `env_file` (unless `required: false`), `label_file`,
    and files that are included or extended.

    Literal `cd` commands are followed. Silent: names with variables, whatever an earlier command or step may make (a redirection, `cp`, `git clone`, an archive,
    a generator), what `.gitignore` lists, pipelines without a clone, and configurations that stand alone.
    """

    name = "missing-build-file"
    trigger = (Trigger(words=("plugins/",)), Trigger(commands=MAY_RUN_DOCKER))
    confidence = Confidence.MEDIUM
    why = "the command fails: steps see what the repository holds, and what the pipeline made before"
    help = "mend the path, or add the file"

    bad = (
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              environment:
                COMPOSE_FILE: ci/compose.yml:ci/other.yml  # <- missing-build-file
              commands:
              - docker build -f build/app.Dockerfil -t app .  # <- missing-build-file
              - docker build -t app ./build  # <- missing-build-file
              - docker build -t app bild  # <- missing-build-file
              - (cd ci && docker compose --file=compose.yaml up -d && docker buildx build --file app.Dockerfile ..)  # <- missing-build-file, missing-build-file
              - make -C deploi test  # <- missing-build-file
              - sudo make --directory=build -f rules.mk  # <- missing-build-file
              - docker buildx bake -f bake.hcl  # <- missing-build-file
              - (cd build; podman build -f other .)  # <- missing-build-file
              - docker stack deploy -c /drone/src/stack.yml app  # <- missing-build-file
              - docker compose up -d
              - cd /
              - docker compose -f other.yml down
            - name: publish
              image: plugins/docker:20.18
              settings:
                repo: acme/app
                dockerfile: docker/Dockerfile  # <- missing-build-file
            """,
            files=(("build/app.Dockerfile", "FROM scratch\n"), ("ci/compose.yml", "services: {a: {image: b}}\n"), _README),
        ),
        Jsonnet(
            """
            local build(file) = 'docker build -f ' + file + ' .';
            { kind: 'pipeline', type: 'docker', name: 'a', steps: [
              { name: 'a', image: 'docker:27.3.1', commands: [
                build('Dockerfile'),
                build('Dockerfile.test'),  // <- missing-build-file
              ] },
            ] }
            """,
            files=(("Dockerfile", "FROM scratch\n"),),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              commands:
              - docker compose up -d  # <- missing-build-file
              - docker build .  # <- missing-build-file
            """,
            files=(_README,),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: test
              image: docker:27.3.1
              commands:
              - make -C ci integration
            """,
            files=(
                (
                    "ci/Makefile",
                    "COMPOSE = docker-compose -f ../build/test.yml\nintegration: up\n\tgo test ./...\nup:\n\t@$(COMPOSE) up -d\n",
                ),
                _README,
            ),
            lines=(5,),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - {name: test, image: "docker:27.3.1", commands: [docker compose -f ci/test.yml up -d]}
            """,
            files=(
                (
                    "ci/test.yml",
                    """services:
  a:
    build: ../app
    env_file: [none.env, "${FILE}"]
  b:
    build:
      context: ..
      dockerfile: Dockerfile.b
  c:
    build:
      context: .
  d:
    extends: {service: a, file: base.yml}
""",
                ),
                _README,
            ),
            lines=(3, 4, 8, 10, 13),
        ),
    )
    good = (
        Example(
            """
            kind: pipeline
            type: docker
            name: composed
            steps:
            - name: test
              image: docker:27.3.1
              commands:
              - cp a.env made.env
              - docker compose -f ci/test.yml up -d
              - docker compose -f ci/test.yml down
              - docker compose -f ci/some.yml up -d there
            """,
            files=(
                (
                    "ci/test.yml",
                    """services:
  a: {build: ../app, env_file: [../a.env, {path: none.env, required: false}, "${FILE}.env", made.env]}
  b: {build: {context: .., dockerfile: app/Dockerfile}}
  c: {build: {context: ., dockerfile_inline: FROM scratch}}
  d: {build: https://example.com/a.git}
""",
                ),
                ("ci/some.yml", "services: {there: {image: 'a:1'}, not: {build: nowhere}}\n"),
                ("app/Dockerfile", "FROM scratch\n"),
                ("a.env", "A=1\n"),
            ),
        ),
        Example(
            """
            kind: pipeline
            type: docker
            name: default
            steps:
            - name: build
              image: docker:27.3.1
              commands:
              - docker build -f build/app.Dockerfile .
              - docker build build -f $FILE
              - docker build -f "build/$NAME.Dockerfile" -t x https://example.com/app.git
              - docker build - < Dockerfile.in
              - docker build -f - . <<EOF
              - FROM scratch
              - EOF
              - docker build $OPTIONS .
              - cat > Dockerfile.made <<EOF
              - EOF
              - docker build -f Dockerfile.made .
              - docker compose logs -f other.yml
              - docker build -f dist/Dockerfile .
              - docker build -f ${DRONE_BRANCH}.Dockerfile .
              - (cd build && docker build -f app.Dockerfile .)
              - cd $UNKNOWN && docker build -f other .
              - cd build && docker build -f $DRONE_WORKSPACE/build/app.Dockerfile . && make -C ../ci
              - ssh host docker build -f there.Dockerfile .
              - echo docker build -f nothing .
              - docker exec app sh -c "docker build -f inner ."
            - name: cloned
              image: docker:27.3.1
              commands: [git clone https://example.com/x, docker build -f x/Dockerfile x]
            - {name: plugin, image: "plugins/docker:20.18", settings: {dockerfile: build/app.Dockerfile, context: build}}
            - {name: variable, image: "plugins/docker:20.18", settings: {dockerfile: "${FILE}"}}
            """,
            files=(
                ("build/app.Dockerfile", ""),
                (".gitignore", "/dist/\n"),
                ("ci/Makefile", "all:\n\t@echo\n"),
                ("Makefile", ""),
                _README,
            ),
        ),
        Example("""
            kind: pipeline
            type: docker
            name: alone
            steps:
            - {name: build, image: "docker:27.3.1", commands: [docker build ., docker compose up]}
            """),
        Example(
            """
            kind: pipeline
            type: docker
            name: empty
            clone: {disable: true}
            steps:
            - {name: build, image: "docker:27.3.1", commands: [docker build -f nothing .]}
            """,
            files=(_README,),
        ),
    )

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        around = surroundings(file)
        for step, pipeline in steps_of(file):
            if clones(pipeline) and not step.is_service:
                yield from self.of_step(step, around)

        yield from self._of_compose(file, around)

    def _of_compose(self, file: ConfigFile, around: Surroundings) -> Iterator[Finding]:
        """What compose files name in vain."""
        from drone_lint_rules.docker.compose import compose_uses

        seen: set[AnyPlace] = set()
        for use in compose_uses(file) if around.is_repository else ():
            for place, path, message in _of_use(use, file):
                if place not in seen and around.exists(path) is False and not may_be_made(path, use.step, use.run, around):
                    seen.add(place)
                    yield self.finding(place, message, related=[("used here", use.place)])

    def of_step(self, step: Step, around: Surroundings) -> Iterator[Finding]:
        """What one step names in vain."""
        yield from self._commands(step, around)
        yield from self._plugin(step, around)

    def _commands(self, step: Step, around: Surroundings) -> Iterator[Finding]:
        if not may_run_docker(step) or not around.is_repository:
            return
        seen: set[AnyPlace] = set()
        for run in runs(step, around):
            if run.folder is None or not around.is_folder(run.folder):
                continue
            for named in (*named_files(run.command, run.folder, run.root), *environment_files(run, step)):
                place = named.place or run.at(named.start, named.end, step)
                if place not in seen and not _is_set_otherwise(named, step) and self._is_missing(named, step, run, around):
                    seen.add(place)
                    yield self._finding(named, place, run)

    def _is_missing(self, named: Named, step: Step, run: Run | None, around: Surroundings) -> bool:
        if not named.explicit and not (around.has_content and around.is_folder(named.paths[0].rpartition("/")[0])):
            return False
        if any(around.exists(path) is not False for path in named.paths):
            return False
        return not any(may_be_made(path, step, run, around) for path in named.paths)

    def _finding(self, named: Named, place: AnyPlace, run: Run | None) -> Finding:
        related = [("run by this", run.place)] if run is not None and run.inner is not None else []
        if named.explicit:
            return self.finding(place, f"{named.kind} `{named.shown}` is not in the repository", related=related)
        program = f"`{run.command.program}` looks for" if run is not None else "the plugin looks for"
        return self.finding(place, f"{program} `{named.shown}`, which is not in the repository", related=related)

    def _plugin(self, step: Step, around: Surroundings) -> Iterator[Finding]:
        if step.commands or not around.is_repository or automatic_plugin(step.reference, self.settings.images.privileged) is None:
            return
        for key, kind in (("dockerfile", "Dockerfile"), ("context", "build context")):
            named = _setting(step.settings.get(key), kind)
            if named is not None and named.place is not None and self._is_missing(named, step, None, around):
                yield self._finding(named, named.place, None)


_BUILDING = ("up", "build", "create", "run", "watch", "bake")


def _of_use(use: ComposeUse, file: ConfigFile) -> Iterator[tuple[AnyPlace, str, str]]:
    """What the files of one command of Compose need: where it is named, the path, and what to say if it is not there."""
    from drone_lint_rules.docker.compose import project_of
    from drone_lint_rules.docker.compose_needs import needed_files

    project = project_of(use, file)
    for fault in project.faults:
        if fault.kind == "file":
            yield fault.place, fault.path, fault.message
    for needed in needed_files(project, use.run.root):
        if use.line.services and needed.service not in use.line.services:
            continue
        if needed.within and not surroundings(file).exists(needed.within):
            continue
        if needed.kind in ("Dockerfile", "build context") and (use.stack or use.line.verb not in _BUILDING):
            continue
        named = f"{needed.kind} `{needed.shown}`" if needed.explicit else f"`{needed.shown}` of the build context"
        yield needed.place, needed.path, f"{named} of compose service `{needed.service}` is not in the repository"


def _is_set_otherwise(named: Named, step: Step) -> bool:
    """Whether `COMPOSE_FILE` says what Compose reads in place of its default."""
    if named.explicit or named.kind != "compose file":
        return False
    values = (step.environment.get("COMPOSE_FILE"), step.pipeline.value.at("environment", "COMPOSE_FILE"))
    return any(value is not None for value in values) or script_of(step).mentions("COMPOSE_FILE")


def _setting(value: Value | None, kind: str) -> Named | None:
    if value is None or not value.text or "$" in value.text or "://" in value.text:
        return None
    path = join("", value.text, "/drone/src")
    return Named(kind, (path,), value.text, 0, 0, place=value.place) if path is not None else None


def may_be_made(path: str, step: Step, needing: Run | None, around: Surroundings) -> bool:
    """See `produced`, which only files that are missing need."""
    from drone_lint_rules.docker import produced

    return produced.may_be_made(path, step, needing, around)

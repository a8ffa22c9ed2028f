"""Which commands of Docker a step's own command leads to, through Makefiles, scripts and the text of programs: one row a way."""

from __future__ import annotations

from pathlib import Path

import pytest

from drone_lint.api import Document, SourceFile, Surroundings
from drone_lint.model.node import from_data
from drone_lint_rules.docker.runs import docker_runs

MODULE = "module example.com/app\n"
ROWS: list[tuple[str, str, dict[str, str], list[str]]] = [
    # make
    ("a target", "make up", {"Makefile": "up:\n\tdocker info\n"}, ["docker info @"]),
    ("the first target", "make", {"Makefile": ".PHONY: all\nall: up\nup:\n\t@docker info\n"}, ["docker info @"]),
    ("another folder", "make -C ci up", {"ci/Makefile": "up:\n\tdocker info\n"}, ["docker info @ci"]),
    ("the caller's folder", "make -C ci up", {"ci/Makefile": "up:\n\t@cd $(PWD) && docker info\n"}, ["docker info @"]),
    ("make's own folder", "make -C ci up", {"ci/Makefile": "up:\n\tcd $(CURDIR)/a && docker info\n"}, ["docker info @ci/a"]),
    (
        "a caller in a folder",
        "cd sub && make -C ../ci up",
        {"ci/Makefile": "up:\n\tcd $(PWD) && docker info\n", "sub/x": ""},
        ["docker info @sub"],
    ),
    ("another file", "make -f ci/tests.mk up", {"ci/tests.mk": "up:\n\tdocker info\n"}, ["docker info @"]),
    (
        "an include",
        "make up",
        {"Makefile": "include ci/*.txt\n-include ci/docker.mk\n", "ci/docker.mk": "up:\n\tdocker info\n"},
        ["docker info @"],
    ),
    (
        "an include below -C",
        "make -C ci up",
        {"ci/Makefile": "include ../docker.mk\n", "docker.mk": "up:\n\tdocker info\n"},
        ["docker info @ci"],
    ),
    (
        "includes in a circle",
        "make up",
        {"Makefile": "include b.mk\n", "b.mk": "include Makefile\nup:\n\tdocker info\n"},
        ["docker info @"],
    ),
    (
        "an include by a variable",
        "make up",
        {"Makefile": "D := ci\ninclude $(D)/docker.mk\n", "ci/docker.mk": "up:\n\tdocker info\n"},
        ["docker info @"],
    ),
    (
        "what a target needs, first",
        "make all",
        {"Makefile": "all: up\n\tdocker ps\nup: pull | dirs\n\tdocker info\npull:\n\tdocker pull a\ndirs:\n\tmkdir -p d\n"},
        ["docker pull @", "docker info @", "docker ps @"],
    ),
    ("targets in a circle", "make a", {"Makefile": "a: b\n\tdocker info\nb: a\n\tdocker ps\n"}, ["docker ps @", "docker info @"]),
    ("a pattern", "make test-db", {"Makefile": "test-%:\n\tdocker run app-$*\n"}, ["docker run @"]),
    ("a variable", "make up", {"Makefile": "COMPOSE ?= docker compose -f a.yml\nup:\n\t$(COMPOSE) up -d\n"}, ["docker compose up @"]),
    ("a variable of the environment", "COMPOSE=x make up", {"Makefile": "up:\n\t$(DOCKER) info\n"}, []),
    (
        "a variable of the command line",
        "make up DOCKER=docker",
        {"Makefile": "DOCKER = podman\nup:\n\t$(DOCKER) info\n"},
        ["docker info @"],
    ),
    ("a line that goes on", "make up", {"Makefile": "up:\n\tdocker run \\\n\t  --rm a\n"}, ["docker run @"]),
    ("make in make", "make a", {"Makefile": "a:\n\t$(MAKE) -C sub b\n", "sub/Makefile": "b:\n\tdocker info\n"}, ["docker info @sub"]),
    ("what a variable is filled with", "make a", {"Makefile": "V := $(shell docker inspect app)\na:\n\techo $(V)\n"}, ["docker inspect @"]),
    ("a comment", "make a", {"Makefile": "a:\n\techo a\n# docker info\n"}, []),
    ("another target", "make a", {"Makefile": "a:\n\techo a\nb:\n\tdocker info\n"}, []),
    # scripts
    ("a script", "bash ci/run.sh", {"ci/run.sh": "cd sub\ndocker info\n"}, ["docker info @sub"]),
    ("a script by its path", "./ci/run", {"ci/run": "#!/usr/bin/env bash\ndocker info\n"}, ["docker info @"]),
    ("a function", "sh run.sh", {"run.sh": "check() {\n  docker build -f a/Dockerfile .\n}\ncheck\n"}, ["docker build @"]),
    ("a variable of the script", "sh run.sh", {"run.sh": 'DC="docker compose -f a.yml"\n$DC up -d\n'}, ["docker compose up @"]),
    ("scripts that call each other", "sh a.sh", {"a.sh": "sh b.sh\ndocker info\n", "b.sh": "sh a.sh\n"}, ["docker info @"]),
    (
        "make, then a script",
        "make -C ci up",
        {"ci/Makefile": "up:\n\t@cd $(PWD) && bash ci/a.sh\n", "ci/a.sh": "docker info\n"},
        ["docker info @"],
    ),
    # package.json
    ("npm test", "npm test", {"package.json": '{"scripts": {"pretest": "docker compose up -d", "test": "jest"}}'}, ["docker compose up @"]),
    ("yarn with a name", "yarn e2e", {"package.json": '{"scripts": {"e2e": "docker run app"}}'}, ["docker run @"]),
    # programs: guesses
    ("go test", "go test ./...", {"go.mod": MODULE, "a/a_test.go": 'package a\nvar x = "docker info"\n'}, ["docker info @a ?"]),
    (
        "go test elsewhere",
        "go test ./b/...",
        {"go.mod": MODULE, "b/b_test.go": "package b\n", "a/a_test.go": 'package a\nvar x = "docker info"\n'},
        [],
    ),
    (
        "a package that the test imports",
        "go test ./t/...",
        {
            "go.mod": MODULE,
            "t/db/x_test.go": 'package db\nimport "example.com/app/h"\n',
            "h/h.go": 'package h\nfunc Up() { run("sh", "-c", "docker compose -f ../../c.yml up -d") }\n',
            "c.yml": "",
        },
        ["docker compose up @t/db ?"],
    ),
    (
        "a constant in a format",
        "go test .",
        {
            "go.mod": MODULE,
            "a_test.go": 'package a\nconst dir = "../"\nconst file = "c.yml"\nvar x = fmt.Sprintf("docker compose -f %s up", dir+file)\n',
        },
        ["docker compose up @ ?"],
    ),
    (
        "a format within a call",
        "go test .",
        {
            "go.mod": MODULE,
            "a_test.go": 'package a\nconst file = "c.yml"\nfunc up(t *testing.T) {\n\tshell(t, fmt.Sprintf("docker compose -f %s up", file))\n\tt.Cleanup(func() {})\n}\n',
        },
        ["docker compose up @ ?"],
    ),
    (
        "exec.Command",
        "gotestsum -- ./...",
        {"go.mod": MODULE, "a_test.go": 'package a\nvar c = exec.Command("docker", "compose", "-f", "a.yml", "down")\n'},
        ["docker compose down @ ?"],
    ),
    (
        "packages that grep leaves out",
        "go test $(go list ./... | grep -v /it/)",
        {"go.mod": MODULE, "it/a_test.go": 'package it\nvar x = "docker info"\n', "b/b_test.go": "package b\n"},
        [],
    ),
    ("a comment of Go", "go test .", {"go.mod": MODULE, "a_test.go": 'package a\n// "docker info"\n/* "docker ps" */\n'}, []),
    ("prose", "go test .", {"go.mod": MODULE, "a_test.go": 'package a\nvar x = "docker is not there"\nvar y = "docker"\n'}, []),
    ("go build runs nothing", "go build ./...", {"go.mod": MODULE, "a_test.go": 'package a\nvar x = "docker info"\n'}, []),
    (
        "pytest",
        "pytest tests",
        {"tests/test_a.py": "import subprocess\nsubprocess.run(['docker', 'compose', 'up', '-d'])\n"},
        ["docker compose up @ ?"],
    ),
    ("a comment of Python", "python3 -m pytest", {"test_a.py": "# 'docker info'\nx = 1\n"}, []),
    ("a docstring that is a command", "pytest", {"test_a.py": '"""docker info"""\n'}, ["docker info @ ?"]),
    ("an f-string", "pytest", {"test_a.py": "FILE = 'a.yml'\nos.system(f'docker-compose -f {FILE} up')\n"}, ["docker-compose up @ ?"]),
    ("a file that no runner looks for", "pytest", {"setup_db.py": "os.system('docker info')\n"}, []),
    ("jest by npx", "npx jest", {"src/a.test.ts": "execSync(`docker compose up -d`)\n"}, ["docker compose up @ ?"]),
    ("spawn", "node ci/up.js", {"ci/up.js": "spawn('docker', ['run', '--rm', image])\n"}, ["docker run @ ?"]),
    ("maven", "mvn -B verify", {"src/test/java/A.java": 'class A { String c = "docker ps"; }\n'}, ["docker ps @ ?"]),
    ("maven without tests", "mvn package -DskipTests", {"src/test/java/A.java": 'class A { String c = "docker ps"; }\n'}, []),
]


def found(command: str, files: dict[str, str], folder: Path, *, socket: bool = True) -> list[str]:
    """The commands of Docker that a step's command leads to, as `docker info @folder`, with `?` for a guess."""
    (folder / ".git").mkdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    mount = [{"name": "s", "path": "/var/run/docker.sock"}] if socket else []
    step = {"name": "a", "image": "acme/ci:1", "commands": [command], "volumes": mount}
    data = {"kind": "pipeline", "type": "docker", "steps": [step], "volumes": [{"name": "s", "host": {"path": "/var/run/docker.sock"}}]}
    document = Document(0, from_data(data), None, SourceFile("x", ""))  # type: ignore[arg-type]
    assert document.pipeline is not None
    around = Surroundings(str(folder), str(folder / ".drone.yml"))
    return [
        f"{docker.shown} @{run.folder if run.folder is not None else '-'}" + (" ?" if run.guess else "")
        for run, docker in docker_runs(document.pipeline.steps[0], around)
    ]


@pytest.mark.parametrize(("command", "files", "wanted"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_commands_are_followed(command: str, files: dict[str, str], wanted: list[str], tmp_path: Path) -> None:
    assert found(command, files, tmp_path) == wanted


def test_programs_are_read_only_where_a_daemon_is_within_reach(tmp_path: Path) -> None:
    assert found("go test .", {"go.mod": MODULE, "a_test.go": 'package a\nvar x = "docker info"\n'}, tmp_path, socket=False) == []


def test_a_chain_is_shown_from_the_outside_in(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text("sh b.sh\n", encoding="utf-8")
    (tmp_path / "b.sh").write_text("docker info\n", encoding="utf-8")
    (tmp_path / "Makefile").write_text("up:\n\tsh a.sh\n", encoding="utf-8")
    data = {"kind": "pipeline", "type": "docker", "steps": [{"name": "a", "image": "x", "commands": ["make up"]}]}
    document = Document(0, from_data(data), None, SourceFile("x", ""))  # type: ignore[arg-type]
    assert document.pipeline is not None
    run, _ = next(docker_runs(document.pipeline.steps[0], Surroundings(str(tmp_path), str(tmp_path / ".drone.yml"))))
    assert [Path(place.source.path).name for place in run.chain] == ["Makefile", "a.sh"]
    assert run.via == "make up"
    assert [message for message, _ in run.related] == ["called by this line", "called by this line", "run by this line"]

"""Compose files that Compose or Docker refuses: where it is said, and what."""

from __future__ import annotations

import textwrap
import time

import pytest

from drone_lint.lint.registry import builtin_rules
from drone_lint.lint.rule import Example
from drone_lint.testing import run

RULES = builtin_rules()
NAMES = {"invalid-compose-file", "compose-collision", "compose-variable-unset", "missing-build-file"}


def said(files: dict[str, str], command: str = "docker compose -f c.yml up -d", names: set[str] = NAMES) -> list[tuple[str, int, str]]:
    """File, line and message of everything that is found of a step that runs a command."""
    text = f"kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: a\n  image: docker:27.3.1\n  commands:\n  - {command}\n"
    around = tuple((path, textwrap.dedent(content)) for path, content in files.items())
    report = run(Example(text, files=(*around, ("README.md", "text\n"))), RULES, names)
    assert report.problems == ()
    return [(item.span.file.path.rpartition("/")[2], item.span.begin.line, item.message) for item in report.findings]


BROKEN = {
    "a tab for indentation": ("services:\n\tapp: {image: a}\n", 2, "`c.yml` is not valid YAML: found character"),
    "a list among keys": ("services:\n  app:\n    image: a\n  - b\n", 4, "not valid YAML: did not find expected key"),
    "no such anchor": ("services:\n  app: *base\n", 2, "unknown anchor 'base'"),
    "a template": ("services:\n  app: {{ name }}\n", 2, "not valid YAML: invalid map key"),
    "a key twice": ("services:\n  app: {image: a, image: b}\n", 2, "the key `image` is written twice"),
    "a service twice": ("services:\n  app: {image: a}\n  web: {image: b}\n  app: {image: c}\n", 4, "the key `app` is written twice"),
    "a list at the top": ("- services\n", 1, "holds no map with `services`"),
    "nothing": ("# nothing\n", 1, "`c.yml` is empty"),
    "misspelt services": ("servises:\n  app: {image: a}\n", 1, "unknown key `servises` in the compose file; did you mean `services`?"),
    "no services": ("services: {}\n", 1, "`c.yml` has no services"),
    "services as a list": ("services:\n- app\n", 1, "`services` has to be a map, not a list"),
    "an empty service": ("services:\n  app:\n", 2, "service `app` has to be a map, not empty"),
    "a service as text": ("services:\n  app: nginx\n", 2, "service `app` has to be a map, not `nginx`"),
    "neither image nor build": ("services:\n  app:\n    ports: ['1:1']\n", 2, "compose service `app` has neither `image` nor `build`"),
    "a misspelt key": ("services:\n  app:\n    image: a\n    enviroment: [A=1]\n", 4, "unknown key `enviroment` in service `app`; did you mean `environment`?"),
    "a key of build in the service": ("services:\n  app:\n    build: .\n    dockerfile: a\n", 4, "unknown key `dockerfile` in service `app`"),
    "a key of the service in build": ("services:\n  app:\n    build:\n      context: .\n      ports: ['1:1']\n", 5, "unknown key `ports` in `build` of service `app`"),
    "a key of services at the top": ("services:\n  app: {image: a}\nports: ['1:1']\n", 3, "unknown key `ports` in the compose file"),
    "ports as text": ("services:\n  app:\n    image: a\n    ports: '80:80'\n", 4, "`ports` of service `app` has to be a list, not `80:80`"),
    "a number for text": ("services:\n  app:\n    image: a\n    user: 1000\n", 4, "`user` of service `app` has to be text, not the number `1000`"),
    "a number in a command": ("services:\n  app:\n    image: a\n    command: [sleep, 10]\n", 4, "an item of `command` of service `app` has to be text, not the number `10`"),
    "a version without quotes": ("version: 3.8\nservices:\n  app: {image: a}\n", 1, "`version` has to be text, not the number `3.8`"),
    "an empty environment": ("services:\n  app:\n    image: a\n    environment:\n", 4, "`environment` of service `app` has to be a map or a list, not empty"),
    "a map in a list of variables": ("services:\n  app:\n    image: a\n    environment:\n    - A: 1\n", 5, "an item of `environment` of service `app` has to be text, not a map"),
    "a duration without a unit": ("services:\n  app:\n    image: a\n    stop_grace_period: '10'\n", 4, "`10` is not a duration"),
    "an unknown condition": ("services:\n  app:\n    image: a\n    depends_on: {db: {condition: healthy}}\n  db: {image: b}\n", 4, "`healthy` is not a value of `depends_on.db.condition` of service `app`"),
    "no condition": ("services:\n  app:\n    image: a\n    depends_on:\n      db: {restart: true}\n  db: {image: b}\n", 5, "`depends_on.db` of service `app` is missing `condition`"),
    "an unknown restart policy": ("services:\n  app:\n    image: a\n    restart: allways\n", 4, "`allways` is not a value of `restart` of service `app`"),
    "a name with a space": ("services:\n  my app: {image: a}\n", 2, "`my app` is not a valid name in `services`"),
    "a project's name in capitals": ("name: My_App\nservices:\n  app: {image: a}\n", 1, "`My_App` is not a value of `name`"),
    "a mount without type": ("services:\n  app:\n    image: a\n    volumes:\n    - source: /a\n      target: /b\n", 5, "an item of `volumes` of service `app` is missing `type`"),
    "an unknown mount type": ("services:\n  app:\n    image: a\n    volumes: [{type: bnd, source: /a, target: /b}]\n", 4, "`bnd` is not a value of `volumes.type` of service `app`; did you mean `bind`?"),
    "an undefined volume": ("services:\n  app:\n    image: a\n    volumes: ['data:/data']\n", 4, "compose service `app` uses the volume `data`, which is not declared"),
    "a misspelt volume": ("services:\n  app:\n    image: a\n    volumes: [{type: volume, source: dta, target: /a}]\nvolumes: {data: {}}\n", 4, "`dta`, which is not declared; did you mean `data`?"),
    "a folder without a dot": ("services:\n  app:\n    image: a\n    volumes: ['src/app:/app']\n", 4, "uses the volume `src/app`, which is not declared"),
    "an undefined network": ("services:\n  app:\n    image: a\n    networks:\n    - back\nnetworks: {front: {}}\n", 5, "uses the network `back`, which is not declared"),
    "an undefined network as a key": ("services:\n  app:\n    image: a\n    networks:\n      back: {aliases: [b]}\n", 5, "uses the network `back`"),
    "an undefined secret": ("services:\n  app:\n    image: a\n    secrets: [token]\n", 4, "uses the secret `token`"),
    "an undefined build secret": ("services:\n  app:\n    build: {context: ., secrets: [token], dockerfile_inline: FROM a}\n", 3, "uses the secret `token`"),
    "an undefined config": ("services:\n  app:\n    image: a\n    configs: [{source: conf, target: /c}]\n", 4, "uses the config `conf`"),
    "a secret from nowhere": ("services:\n  app: {image: a}\nsecrets:\n  token: {}\n", 4, "secret `token` does not say what it holds"),
    "a config from two places": ("services:\n  app: {image: a}\nconfigs:\n  c: {file: ./README.md, content: a}\n", 4, "config `c` has both `file` and `content`"),
    "an unknown dependency": ("services:\n  app:\n    image: a\n    depends_on: [database]\n  db: {image: b}\n", 4, "depends on `database`, which is not a service"),
    "an unknown link": ("services:\n  app:\n    image: a\n    links: ['bd:database']\n  db: {image: b}\n", 4, "links to `bd`, which is not a service"),
    "an unknown base": ("services:\n  app:\n    extends: bass\n  base: {image: b}\n", 3, "service `app` extends `bass`, which is not in this file; did you mean `base`?"),
    "the network of an unknown service": ("services:\n  app:\n    image: a\n    network_mode: service:vpn\n", 4, "has the `network_mode` of `vpn`, which is not a service"),
    "volumes of an unknown service": ("services:\n  app:\n    image: a\n    volumes_from: ['data:ro']\n", 4, "takes the volumes of `data`"),
    "a circle": ("services:\n  a:\n    image: a\n    depends_on: [b]\n  b:\n    image: a\n    links: [c]\n  c:\n    image: a\n    network_mode: service:a\n", 4, "services wait for each other: `a` -> `b` -> `c` -> `a`"),
    "a service that waits for itself": ("services:\n  a:\n    image: a\n    depends_on: [a]\n", 4, "wait for each other: `a` -> `a`"),
    "a circle of extends": ("services:\n  a: {image: a, extends: b}\n  b: {image: b, extends: {service: a}}\n", 3, "service `b` extends itself"),
    "network_mode beside networks": ("services:\n  a:\n    image: a\n    network_mode: host\n    networks: [default]\n", 4, "has both `network_mode` and `networks`"),
    "two Dockerfiles": ("services:\n  a:\n    build:\n      context: .\n      dockerfile: README.md\n      dockerfile_inline: FROM a\n", 5, "has both `dockerfile` and `dockerfile_inline`"),
    "a health check without CMD": ("services:\n  a:\n    image: a\n    healthcheck:\n      test: [curl, localhost]\n", 5, "the `test` of compose service `a` begins with `curl`"),
    "many containers of one name": ("services:\n  a:\n    image: a\n    container_name: one\n    scale: 2\n", 4, "has a `container_name` and runs 2 containers"),
    "a mount of five parts": ("services:\n  a:\n    image: a\n    volumes: ['/a:/b:ro:z']\n", 4, "`/a:/b:ro:z` is not a mount: it has too many colons"),
    "a path mounted twice": ("services:\n  a:\n    image: a\n    tmpfs: /run\n    volumes: ['/a:/run']\n", 5, "`/run` is mounted twice"),
    "a port that is a word": ("services:\n  a:\n    image: a\n    ports: ['8080:http']\n", 4, "`8080:http` is not a port mapping: `http` is not a port"),
    "a port beyond the last": ("services:\n  a:\n    image: a\n    ports: ['70000:80']\n", 4, "`70000` is not a port"),
    "ranges of two lengths": ("services:\n  a:\n    image: a\n    ports: ['8000-8010:80-81']\n", 4, "both ranges need the same length"),
    "a strange protocol": ("services:\n  a:\n    image: a\n    ports: ['53:53/upd']\n", 4, "`upd` is not a protocol of Docker"),
    "a host for an address": ("services:\n  a:\n    image: a\n    ports: ['localhost:80:80']\n", 4, "`localhost` is not an IP address"),
    "one port twice": ("services:\n  a: {image: a, ports: ['80:1']}\n  b: {image: b, ports: ['80:2']}\n", 3, "compose service `b` publishes port 80 of the host, which `a` publishes, too"),
    "one port twice in a service": ("services:\n  a: {image: a, ports: ['80:1', '80:2']}\n", 2, "publishes port 80 of the host, which also is published here"),
    "one name twice": ("services:\n  a: {image: a, container_name: x}\n  b: {image: b, container_name: x}\n", 3, "has the `container_name` `x`, which `a` has, too"),
    "a variable without a value": ("services:\n  a:\n    image: 'a:${TAG:?which one}'\n", 3, "`TAG` needs a value and has none: which one"),
    "a variable of the shell": ("services:\n  a:\n    image: 'a:${TAG%-x}'\n", 3, "`${TAG%-x}` is not a form that Compose knows"),
    "a number for a variable's name": ("services:\n  a:\n    image: a\n    command: echo ${1}\n", 4, "`${1}` is not a form"),
    "a context that is not there": ("services:\n  a:\n    build: ./ap\n", 3, "build context `./ap` of compose service `a` is not in the repository"),
    "a Dockerfile that is not there": ("services:\n  a:\n    build: {context: ., dockerfile: x.Dockerfile}\n", 3, "Dockerfile `x.Dockerfile` of compose service `a` is not in the repository"),
    "no Dockerfile in the context": ("services:\n  a:\n    build: .\n", 3, "`Dockerfile` of the build context of compose service `a` is not in the repository"),
    "an env file that is not there": ("services:\n  a:\n    image: a\n    env_file:\n    - .env.ci\n", 5, "env file `.env.ci` of compose service `a` is not in the repository"),
    "an included file that is not there": ("include:\n- other.yml\nservices:\n  a: {image: a}\n", 2, "included file `other.yml` is not in the repository"),
    "a file that includes itself": ("include: [./c.yml]\nservices:\n  a: {image: a}\n", 1, "`./c.yml` includes itself"),
    "a service in a profile that is off": ("services:\n  a: {image: a, depends_on: [b]}\n  b: {image: b, profiles: [debug]}\n", 2, "depends on `b`, which starts in a profile only"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_form_is_said_at_its_line(text, line, message):
    found = [one for one in said({"c.yml": text}) if one[0] == "c.yml"]
    assert any(at == line and message in words for _, at, words in found), found


SOUND = {
    "all forms of lists and maps": """
        x-base: &base
          restart: no
          environment: {A: 1, B: true, C: null, D: x}
        services:
          app:
            <<: *base
            image: "${REGISTRY}/app:${TAG:-latest}"
            command: ["sh", "-c", "echo $$HOME $${X}"]
            ports: [80, "8080:80", "127.0.0.1::81", "[::1]:82:82", "9000-9010:80/tcp", {target: 80, published: "8000-8001"}]
            volumes: [data:/data, ./src:/src:ro, /anonymous, "${DIR:-./x}:/y", ~/z:/z, {type: tmpfs, target: /t}]
            depends_on: {db: {condition: service_healthy}, gone: {condition: service_started, required: false}}
            networks: {default: null, front: {aliases: [a]}}
            privileged: yes
            cpus: 0.5
            user: "${UID}"
            healthcheck: {test: curl localhost, interval: 1m30s, retries: 3}
            ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
            logging: {driver: json-file, options: {max-size: 10m, max-file: 3}}
            x-more: 1
          db: {build: {context: https://example.com/a.git}, profiles: [], scale: 1, deploy: {replicas: "${N}"}}
        volumes: {data: }
        networks: {front: {external: true, name: x}}
        """,
    "an alias into what is written before": "services:\n  a: &a {image: a}\n  b: {<<: *a, image: b}\n",
    "a key beside one that is merged": "x-a: &a {image: a}\nservices:\n  b:\n    image: b\n    <<: *a\n",
    "a dollar that is no variable": "services:\n  a: {image: a, command: 'echo $$ $1 $(date) $@'}\n",
    "a variable in another": "services:\n  a: {image: 'a:${A:-${B:-c}}'}\n",
    "documents that are merged": "services:\n  a: {image: a}\n---\nservices:\n  a: {ports: ['1:1']}\n",
    "what Drone's own parser refuses": "services:\n  a: {image: a, command: [a, http://b?c]}\n",
}


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_a_sound_file_is_left_alone(text):
    assert said({"c.yml": text}) == []


def test_files_are_merged_in_their_order():
    files = {"c.yml": "services:\n  a: {ports: ['1:1']}\n", "d.yml": "services:\n  a: {image: a}\n  b: {image: b, depends_on: [a]}\n"}
    assert said(files, "docker compose -f c.yml -f d.yml up -d") == []
    assert said(files)[0][2] == "compose service `a` has neither `image` nor `build`"


def test_an_override_beside_a_default_file_counts():
    files = {"compose.yml": "services:\n  a: {ports: ['1:1']}\n", "compose.override.yml": "services:\n  a: {imag: a}\n"}
    assert [one[:2] for one in said(files, "docker compose up -d")] == [("compose.override.yml", 2)] * 2


def test_what_is_reset_or_overridden_does_not_count():
    files = {
        "c.yml": "services:\n  a: {image: a, networks: [none], volumes: ['x:/x'], ports: ['80:80']}\n  b: {image: b, ports: ['80:80']}\n",
        "d.yml": "services:\n  a: {networks: !reset [], volumes: !override ['/y:/y'], ports: !reset null}\n",
    }
    assert said(files, "docker compose -f c.yml -f d.yml up -d") == []


def test_included_and_extended_files_are_read_from_where_they_are():
    files = {
        "c.yml": "include: [sub/inc.yml]\nservices:\n  a: {extends: {file: sub/base.yml, service: base}, depends_on: [inc]}\n",
        "sub/inc.yml": "services:\n  inc: {build: ., volumes: ['v:/v']}\nvolumes: {v: {}}\n",
        "sub/base.yml": "services:\n  base: {build: {context: .}, env_file: base.env}\n",
        "sub/Dockerfile": "FROM scratch\n",
    }
    assert said(files) == [("base.yml", 2, "env file `base.env` of compose service `a` is not in the repository")]


def test_nothing_is_missing_where_a_file_could_not_be_read():
    text = "include: [oci://example.com/a, '${FILE}']\nservices:\n  a: {image: a, depends_on: [b], volumes: ['v:/v']}\n"
    assert said({"c.yml": text}) == []
    files = {"c.yml": "services:\n  a: {image: a, depends_on: [b]}\n"}
    assert said(files, "docker compose -f c.yml -f $MORE up -d") == []


def test_a_file_that_an_earlier_command_changes_is_not_judged():
    files = {"c.yml": "services:\n  a: {image: @TAG@}\n"}
    assert said(files) != []
    assert said(files, "sed -i s/@TAG@/a/ c.yml; docker compose -f c.yml up -d") == []


def test_only_what_is_started_collides():
    files = {"c.yml": "services:\n  a: {image: a, ports: ['80:80']}\n  b: {image: b, ports: ['80:80']}\n"}
    assert said(files, "docker compose -f c.yml up -d a") == []
    assert said(files, "docker compose -f c.yml config") == []
    assert len(said(files, "docker compose -f c.yml up -d --build")) == 1


def test_version_1_is_for_the_old_program():
    files = {"c.yml": "app:\n  image: a\n  links: [db]\ndb:\n  image: b\n"}
    assert said(files, "docker-compose -f c.yml up") == []
    assert said(files) != []


HOSTILE = {
    "aliases that multiply": "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)) + "services: {a: {image: a}}\n",
    "many services": "services:\n" + "".join(f"  s{number}: {{image: a, depends_on: [s{number + 1}], ports: ['{number}:1']}}\n" for number in range(3000)),
    "deep nesting": "services: " + "{a: " * 5000 + "}" * 5000,
    "many documents": "---\na: 1\n" * 5000,
    "an endless alias": "services: &a\n  app: *a\n",
    "a list of lists": "services: " + "[" * 150 + "]" * 150,
    "keys that are no text": "services: {1: {image: a}, true: {image: b}, null: {image: c}}\n",
    "no text": "\x00\x01services",
    "all that may be named is a map": "services: {a: {image: {a: b}, ports: {a: b}, volumes: {a: b}, depends_on: 5, networks: 5, build: [1], extends: [a], profiles: {a: b}, tmpfs: {a: b}, links: {a: b}, env_file: {a: b}, secrets: {a: b}, container_name: [a], healthcheck: [], scale: {}, network_mode: [a], cap_add: {a: b}, devices: {a: b}}}\nvolumes: [a]\nnetworks: 5\nsecrets: a\ninclude: {a: b}\n",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_ends_in_a_statement(text):
    began = time.perf_counter()
    assert said({"c.yml": text}) != []
    assert time.perf_counter() - began < 5

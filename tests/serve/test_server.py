"""`drone-lint serve` over real sockets, from a client that speaks as Drone's."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from serve.client import SECRET, ask, body_of, exchange, get, headers_of, request_of, vector

pytestmark = pytest.mark.slow

CLEAN = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: build\n  image: golang:1.22.1\n  commands: [go build]\n"
PRIVILEGED = CLEAN + "  privileged: true\n"
FLOATING = CLEAN.replace("golang:1.22.1", "golang:latest")
ON_TAGS = PRIVILEGED + "trigger: {event: [tag]}\n"
SLOW = "kind: pipeline\ntype: docker\nname: default\nsteps:\n" + "".join(
    f"- name: s{number}\n  image: golang:1.22.1\n  commands: [{', '.join(['docker build .'] * 40)}]\n" for number in range(2500)
)
IDLE = 1000
BOMB = "kind: pipeline\ntype: docker\nname: a\nx0: &x0 [a, b, c, d, e, f, g, h, i, j]\n" + "".join(
    f"x{number}: &x{number} [{', '.join([f'*x{number - 1}'] * 10)}]\n" for number in range(1, 10)
)
AT_RECORDING = "import sys\nfrom drone_lint.serve import app\napp.time = lambda: 1795597352.0\nfrom drone_lint.cli.main import main\nimport drone_lint.serve.server as s\nrun = s.run\ns.run = lambda *a, **k: run(*a, **{**k, 'clock': app.time})\nmain(sys.argv[1:])\n"


@pytest.fixture(scope="module")
def server(start):
    return start()


@pytest.fixture(scope="module")
def recorded(start):
    """A server whose clock stands at the time of the recordings."""
    return start(program=AT_RECORDING)


def test_the_recorded_requests_get_their_answers(recorded, start):
    assert exchange(recorded.port, vector("good.http")).status == 204
    refused = exchange(recorded.port, vector("config-with-findings.http"))
    assert refused.status == 400
    assert refused.body.startswith(b"drone-lint: ")
    assert exchange(recorded.port, vector("unicode-secret.http")).status == 401
    assert exchange(recorded.port, vector("empty-secret.http")).status == 401


def test_the_recorded_requests_are_too_old_today(server):
    assert exchange(server.port, vector("good.http")).status == 401


def test_a_clean_configuration_passes_and_a_privileged_step_does_not(server):
    assert ask(server.port, CLEAN)[:2] == (204, b"")
    refused = ask(server.port, PRIVILEGED)
    assert refused.status == 400
    text = refused.body.decode()
    assert text.startswith("drone-lint: ")
    assert "pipeline default, step build: " in text
    assert "[privileged-step]" in text
    assert "\n" not in text
    assert len(refused.body) <= 500


def test_what_does_not_run_in_this_build_does_not_count(server):
    assert ask(server.port, ON_TAGS, event="push").status == 204
    assert ask(server.port, ON_TAGS, event="tag", ref="refs/tags/v1", target="").status == 400
    nightly = PRIVILEGED + "trigger: {cron: [nightly]}\n"
    assert ask(server.port, nightly, event="cron").status == 400, "the name of the cron job is not told: it may run"


def test_the_whole_file_counts_where_the_operator_wants_it(start):
    assert ask(start("--scope", "file").port, ON_TAGS, event="push").status == 400


def test_trust_is_what_drone_says(server):
    mounted = CLEAN + "  volumes: [{name: v, path: /v}]\nvolumes: [{name: v, host: {path: /srv/cache}}]\n"
    assert b"requires-trusted" in ask(server.port, mounted, trusted=False, slug="octo/untrusted").body
    assert b"requires-trusted" not in ask(server.port, mounted, trusted=True).body


def test_ignore_comments_count_only_where_the_operator_allows_them(server, start):
    ignored = PRIVILEGED.replace("privileged: true", "privileged: true  # drone-lint: ignore[privileged-step] -- mine")
    assert ask(server.port, ignored).status == 400
    allowing = start("--allow-ignores", "privileged-step", config="ignore: [redundant-privilege, privileged-on-pull-request]\n")
    assert ask(allowing.port, PRIVILEGED, trusted=True).status == 400
    assert ask(allowing.port, ignored, trusted=True).status == 204


def test_settings_are_those_of_the_first_pattern_that_matches(start):
    config = "repos:\n  'acme/*': {ignore: [container_escape, trust]}\n  'acme/strict': {fail-on: warning}\n  'octo/*': {fail-on: warning}\nskip-repos: ['vendor/**']\n"
    server = start(config=config)
    assert ask(server.port, PRIVILEGED, slug="acme/strict").status == 204
    assert ask(server.port, PRIVILEGED, slug="other/site").status == 400
    assert ask(server.port, FLOATING, slug="other/site").status == 204
    assert ask(server.port, FLOATING, slug="octo/site").status == 400
    assert ask(server.port, PRIVILEGED, slug="vendor/a").status == 204
    assert server.log_of("vendor/a")["reason"] == "skipped"


@pytest.mark.parametrize(
    ("options", "config", "build", "status"),
    [
        (("--on-error", "block"), PRIVILEGED, {}, 499),
        (("--on-error", "skip"), PRIVILEGED, {}, 498),
        (("--on-warning", "block"), FLOATING, {}, 499),
        (("--dry-run",), PRIVILEGED, {}, 204),
        (("--block-forks",), CLEAN, {"event": "pull_request", "source_repo": "evil/hello"}, 499),
        (("--fail-on", "never"), PRIVILEGED, {}, 204),
    ],
)
def test_what_happens_to_a_build_is_the_operators_choice(options, config, build, status, start):
    server = start(*options)
    assert ask(server.port, config, **build).status == status
    if "--dry-run" in options:
        assert server.log_of("octo/hello")["outcome"] == "error"


@pytest.mark.parametrize("config", ["a: [", "kind: pipeline\nsteps: [\n", "\x00", "kind: pipeline\n---\na: [\n"])
def test_what_could_not_be_checked_is_closed_and_says_so(config, server):
    answer = ask(server.port, config)
    assert answer.status == 400
    assert answer.body.startswith(b"drone-lint could not check this build: ")


def test_what_could_not_be_checked_passes_only_where_the_operator_says_so_at_the_start(start):
    server = start("--fail-open")
    assert ask(server.port, "a: [").status == 204
    assert server.log_of("octo/hello")["reason"] == "unchecked"
    assert any("fail open" in line.get("warning", "") for line in server.log())


def test_answers_hold_no_control_characters_and_no_more_than_drone_keeps(server):
    hostile = "\u202e\x1b[31m" + "\u00e4" * 300
    config = "".join(
        f"---\nkind: pipeline\ntype: docker\nname: {json.dumps(hostile + str(number))}\nsteps:\n- name: {json.dumps(hostile)}\n"
        "  image: alpine:3.20\n  privileged: true\n"
        for number in range(20)
    )
    answer = ask(server.port, config)
    assert answer.status == 400
    text = answer.body.decode("utf-8")
    assert len(answer.body) <= 500
    assert text.isprintable() or all(char.isprintable() for char in text)


def test_a_refusal_looks_the_same_whatever_its_cause(server):
    body = body_of(CLEAN)
    good = headers_of(body)
    old = headers_of(body, at=time.time() - 1000)
    wrong = headers_of(body, b"not the secret, but long enough")
    answers = [
        exchange(server.port, request_of(body, old)),
        exchange(server.port, request_of(body, wrong)),
        exchange(server.port, request_of(body_of(PRIVILEGED), good)),
        exchange(server.port, request_of(body, {**good, "Digest": "SHA-256=" + "A" * 43 + "="})),
        exchange(server.port, request_of(body, {name: value for name, value in good.items() if name != "Signature"})),
    ]
    assert {(answer.status, answer.body) for answer in answers} == {(401, b"invalid signature\n")}


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10485761\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
        (b"NONSENSE\r\n\r\n", 400),
    ],
)
def test_odd_requests_end_at_once(raw, status, server):
    assert exchange(server.port, raw).status == status


def test_a_hostile_configuration_delays_nobody_else(start):
    server = start("--max-seconds", "3")
    with ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(ask, server.port, SLOW, slug="evil/site") for _ in range(3)]
        time.sleep(0.3)
        others = [ask(server.port, CLEAN, slug=f"octo/{number}") for number in range(10)]
        assert {other.status for other in others} == {204}
        assert max(other.seconds for other in others) < 1.5  # on a busy machine; the table in tests/bench/README.md has the figures
        assert all(answer.result().status in (204, 400) for answer in slow)


def test_a_configuration_that_takes_too_long_is_closed_and_its_worker_replaced(start):
    server = start("--max-seconds", "0.3")
    answer = ask(server.port, SLOW)
    assert answer.status == 400
    assert b"took more than 0.3 seconds" in answer.body
    assert ask(server.port, CLEAN).status == 204
    assert b"drone_lint_worker_restarts_total 1" in get(server.metrics, "/metrics").body


def test_workers_that_are_killed_are_replaced(server):
    children = subprocess.run(["pgrep", "-P", str(server.process.pid)], capture_output=True, text=True, check=False).stdout.split()
    for pid in children:
        os.kill(int(pid), signal.SIGKILL)
    answers = [ask(server.port, CLEAN).status for _ in range(6)]
    assert set(answers) <= {204, 400}
    assert answers[-1] == 204


def test_idle_and_slow_connections_do_not_keep_others_from_answers(server):
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(IDLE)]
    try:
        idle[0].sendall(b"POST / HTTP/1.1\r\nHost: a\r\n")
        idle[1].sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc")
        assert ask(server.port, CLEAN).status == 204
    finally:
        for connection in idle:
            connection.close()


def test_requests_in_flight_are_answered_after_the_server_is_told_to_end(start):
    server = start("--max-seconds", "8")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask(server.port, SLOW)))
    thread.start()
    time.sleep(0.4)
    assert server.stop() == 0
    thread.join(20)
    assert answers[0].status in (204, 400)
    with pytest.raises(ConnectionRefusedError):
        get(server.port, "/healthz")


def test_either_secret_is_taken_while_it_is_changed(start, tmp_path):
    (tmp_path / "new").write_bytes(b"a new secret of enough bytes")
    server = start("--secret-file", str(tmp_path / "new"))
    assert ask(server.port, CLEAN).status == 204
    assert ask(server.port, CLEAN, secret=b"a new secret of enough bytes").status == 204
    assert ask(server.port, CLEAN, secret=b"a secret of nobody's at all").status == 401


def test_metrics_and_the_log_tell_what_happened_and_name_no_people(server):
    ask(server.port, PRIVILEGED, slug="octo/logged", author_email="mona@example.com", message="secret words")
    entry = server.log_of("octo/logged")
    assert entry["status"] == 400
    assert "privileged-step" in entry["rules"]
    assert "mona" not in json.dumps(server.log())
    assert "secret words" not in json.dumps(server.log())
    text = get(server.metrics, "/metrics").body.decode()
    assert 'drone_lint_requests_total{outcome="error"}' in text
    assert 'drone_lint_request_seconds_bucket{le="+Inf"}' in text
    assert get(server.metrics, "/healthz").status == 200
    assert get(server.port, "/metrics").status == 405
    assert "privileged-step" in get(server.port, "/rules").body.decode()


def test_the_log_says_what_a_verdict_rested_on_when_it_is_asked_to(start):
    server = start("--debug")
    ask(server.port, CLEAN, trusted=True, slug="octo/debugged")
    entry = server.log_of("octo/debugged")
    assert (entry["trusted"], entry["branch"], entry["bytes"]) == (True, "main", len(CLEAN))


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (["serve"], {}, "no secret"),
        (["serve"], {"DRONE_SECRET": "short"}, "shorter than 16 bytes"),
        (["serve", "--secret-file", "nothing"], {}, "nothing"),
        (["serve", "--bind", "nowhere"], {"DRONE_SECRET": SECRET.decode()}, "expected HOST:PORT"),
        (["serve", "--tls-cert", "a"], {"DRONE_SECRET": SECRET.decode()}, "go together"),
        (["serve", "--allow-ignores", "privilged-step"], {"DRONE_SECRET": SECRET.decode()}, "did you mean `privileged-step`"),
    ],
)
def test_mistakes_of_the_operator_are_told_at_the_start(words, environment, said, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "drone_lint", *words],
        cwd=tmp_path,
        env={**os.environ, "DRONE_SECRET": "", **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr


def test_without_the_extra_the_command_says_how_to_install_it(tmp_path):
    program = "import sys\nsys.modules['uvicorn'] = None\nfrom drone_lint.cli.main import main\nmain(['serve'])\n"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "drone-lint[serve]" in done.stderr


@pytest.mark.parametrize(
    "config",
    [BOMB, "[" * 100_000, "a: " + "{a: " * 50_000, CLEAN + "# " + "x" * (9 << 20)],
    ids=["aliases", "brackets", "maps", "nine MiB"],
)
def test_bombs_and_bodies_of_nearly_ten_mebibytes_get_an_answer(config, server):
    answer = ask(server.port, config)
    assert answer.status in (204, 400)
    assert ask(server.port, CLEAN).status == 204

"""The whole program while something goes wrong around it: processes killed, disks full, files that are none. A command of its own.

python tests/campaigns/faults.py [NAME...]

Each case says what exit code it expects; none may end in a traceback, hang, or leave half a report or a process behind. The quick
ones are also tests (`tests/cli/test_faults.py`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
STEP = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: golang:1.22.1\n  privileged: true\n"
CLEAN = STEP.replace("  privileged: true\n", "  commands: [go build]\n")
PROGRAM = [sys.executable, "-m", "drone_lint", "--no-cache"]
ENDLESS = "local f(n) = if n == 0 then 1 else f(n - 1) + f(n - 1); { kind: 'pipeline', name: 'x' + f(60), steps: [] }"


class Case(NamedTuple):
    """A fault."""

    act: Callable[[Path], None]
    quick: bool


CASES: dict[str, Case] = {}


def case(quick: bool = True) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    def add(act: Callable[[Path], None]) -> Callable[[Path], None]:
        CASES[act.__name__] = Case(act, quick)
        return act

    return add


class Done(NamedTuple):
    """What a run gave."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join(str(ROOT / name) for name in ("linter", "rules", "schemas"))
    return {**os.environ, "PYTHONPATH": path, "PATH": os.environ.get("FAULTS_PATH", "/usr/bin:/bin"), **more}


def run(folder: Path, *arguments: str, expect: int, seconds: float = 20, before: Callable[[], None] | None = None, **more: object) -> Done:
    """Run the program and hold it to its exit code.

    Raises:
        AssertionError: another exit code, a traceback, or no end within `seconds`.
    """
    variables = environment(**more.pop("env", {}))  # type: ignore[arg-type]
    options: dict[str, object] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    process = subprocess.Popen([*PROGRAM, *arguments], cwd=folder, env=variables, preexec_fn=before, **options)  # noqa: PLW1509  # type: ignore[call-overload]
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise AssertionError(f"no end after {seconds:g} s") from error
    done = Done(process.returncode, (out or b"").decode("utf-8", "replace"), (err or b"").decode("utf-8", "replace"))
    assert done.code == expect, done
    assert "Traceback" not in done.out + done.err, done
    assert "internal-error" not in done.out, done
    return done


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if ".tmp" in path.name]


def put(folder: Path, text: str = STEP, name: str = ".drone.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


# -- files that are none


@case()
def a_pipe_given_as_a_file_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / ".drone.yml")
    assert "not a regular file" in run(folder, ".drone.yml", expect=3).out
    run(folder, expect=3)


@case()
def pipes_in_place_of_a_library_and_of_the_configuration_are_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "lib.libsonnet")
    os.mkfifo(folder / ".drone-lint.yaml")
    put(folder, "import 'lib.libsonnet'", ".drone.jsonnet")
    run(folder, expect=3)
    run(folder, "lib.libsonnet", expect=3)


@case()
def a_folder_of_the_name_of_a_file_has_no_configuration(folder: Path) -> None:
    (folder / ".drone.yml").mkdir()
    run(folder, ".drone.yml", expect=3)
    run(folder, expect=3)


@case()
def links_that_lead_nowhere_or_round_and_round_are_unreadable(folder: Path) -> None:
    (folder / ".drone.yml").symlink_to("missing")
    (folder / ".drone.yaml").symlink_to(".drone.yaml")
    (folder / "loop").symlink_to(".")
    put(folder, CLEAN, "a.drone.jsonnet")
    out = run(folder, expect=3).out
    assert out.count("unreadable") == 2, out


@case()
def one_bad_file_does_not_keep_the_others_from_being_linted(folder: Path) -> None:
    (folder / ".drone.yml").write_bytes(b"\xff\xfe\x00")
    put(folder, STEP, "b/.drone.yml")
    assert "privileged-step" in run(folder, "--format", "concise", expect=3).out


@case()
def a_file_that_may_not_be_read_is_unreadable(folder: Path) -> None:
    put(folder).chmod(0)
    run(folder, expect=1 if os.geteuid() == 0 else 3)


@case()
def names_with_line_ends_and_dashes_and_bytes_are_files_like_others(folder: Path) -> None:
    put(folder, STEP, "a\nb/.drone.yml")
    put(folder, STEP, "--output/.drone.yml")
    os.mkdir(os.path.join(os.fsencode(folder), b"\xe9"))
    with open(os.path.join(os.fsencode(folder), b"\xe9", b".drone.yml"), "wb") as file:
        file.write(STEP.encode())
    assert len(json.loads(run(folder, "--format", "json", expect=1).out)["files"]) == 3
    run(folder, "--", "--output/.drone.yml", expect=1)


@case()
def very_long_paths_are_read_or_reported(folder: Path) -> None:
    run(folder, "x" * 300 + ".yml", expect=3)
    run(folder, "y/" * 3000 + ".drone.yml", expect=3)
    put(folder, STEP, "z" * 200 + "/" + "z" * 200 + "/.drone.yml")
    run(folder, expect=1)


@case()
def a_null_character_in_a_name_is_no_file(folder: Path) -> None:
    put(folder, 'kind: pipeline\ntype: docker\nname: "a\\0b"\nsteps:\n- name: x\n  image: "a\\0"\n  environment: {from: "\\0"}\n')
    run(folder, expect=1)
    put(folder, 'jsonnet: {jpath: ["a\\0b"]}\nbaseline: "\\0"\n', ".drone-lint.yaml")
    run(folder, expect=2)


# -- output that cannot be written


@case()
def a_full_disk_under_standard_output_is_one_line(folder: Path) -> None:
    put(folder)
    with open("/dev/full", "wb") as full:
        err = run(folder, expect=2, stdout=full).err
    assert err.count("\n") == 1, err
    assert "No space left" in err, err


@case()
def a_full_disk_under_a_report_leaves_no_half_of_it(folder: Path) -> None:
    import resource

    put(folder, STEP + "".join(f"- name: s{number}\n  image: a:1\n  privileged: true\n" for number in range(200)))
    (folder / "report.json").write_text("before")

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    err = run(folder, "--format", "json", "--output", "report.json", expect=2, before=small).err
    assert "report.json" in err, err
    assert (folder / "report.json").read_text() == "before"
    assert left_over(folder) == []
    run(folder, "--output", "/dev/full", expect=2)
    run(folder, "--output", "missing/folder/report", expect=2)


@case()
def a_reader_that_goes_away_ends_the_run_quietly(folder: Path) -> None:
    put(folder, STEP + "".join(f"- name: s{number}\n  image: a:1\n  privileged: true\n" for number in range(400)))
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert run(folder, expect=141, stdout=writing).err == ""
    finally:
        os.close(writing)


@case()
def closed_standard_streams_are_no_failure(folder: Path) -> None:
    put(folder)

    def closed() -> None:
        for number in (0, 1, 2):
            os.close(number)

    run(folder, expect=1, before=closed)
    put(folder, "{ kind: 'pipeline', name: 'x', steps: [] }", "a.drone.jsonnet")
    run(folder, "a.drone.jsonnet", expect=0, before=closed)
    run(folder, "-", expect=3, before=lambda: os.close(0))


@case()
def an_ascii_terminal_shows_what_it_can(folder: Path) -> None:
    put(folder, STEP.replace("name: a", "name: größe-🐳"))
    for variables in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        assert "privileged-step" in run(folder, expect=1, env=variables).out
        assert json.loads(run(folder, "--format", "json", expect=1, env=variables).out)["summary"]["errors"] >= 1
    put(folder, "gr\u00f6\u00dfe: 1\n", ".drone-lint.yaml")
    run(folder, expect=2, env={"PYTHONIOENCODING": "ascii:strict"})


# -- the place of work


@case()
def a_working_folder_that_is_gone_is_one_line(folder: Path) -> None:
    gone = folder / "gone"
    gone.mkdir()
    put(folder)
    script = f"cd '{gone}' && rmdir '{gone}' && exec \"$@\""
    for arguments in ([], [str(folder / ".drone.yml")], [".drone.yml"]):
        command = ["/bin/sh", "-c", script, "sh", *PROGRAM, *arguments]
        gone.mkdir(exist_ok=True)
        done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=20, check=False)
        assert done.returncode in (1, 2, 3), done
        assert "Traceback" not in done.stderr, done


@case()
def a_home_that_cannot_be_written_to_costs_the_cache_only(folder: Path) -> None:
    put(folder)
    for home in ("/proc", "/nonexistent", "/dev/null"):
        variables = environment(HOME=home, XDG_CACHE_HOME=home)
        command = [part for part in PROGRAM if part != "--no-cache"]
        done = subprocess.run([*command, "."], cwd=folder, capture_output=True, text=True, env=variables, timeout=20, check=False)
        assert done.returncode == 1, done
        assert done.stderr == "", done


# -- signals


def interrupted(folder: Path, number: int, *arguments: str, after: float = 0.6, group: bool = True) -> tuple[Done, float]:
    command = [*PROGRAM, *arguments]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    time.sleep(after)
    begin = time.monotonic()
    (os.killpg if group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=30)
    return Done(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")), time.monotonic() - begin


def alive(process_group: int) -> bool:
    try:
        os.killpg(process_group, 0)
    except OSError:
        return False
    return True


@case()
def an_interrupt_ends_an_evaluation_at_once(folder: Path) -> None:
    put(folder, ENDLESS, ".drone.jsonnet")
    done, took = interrupted(folder, signal.SIGINT, "--output", "report")
    assert done.code == 130, done
    assert (done.out, done.err) == ("", ""), done
    assert took < 5, took
    assert os.listdir(folder) == [".drone.jsonnet"]


@case(quick=False)
def an_interrupt_ends_many_processes_without_a_word(folder: Path) -> None:
    for number in range(600):
        put(folder, STEP, f"{number}/.drone.yml")
    for after in (0.2, 0.4, 0.7, 1.0):
        done, took = interrupted(folder, signal.SIGINT, "--jobs", "2", after=after)
        assert done.code in (1, 130), done
        assert "Traceback" not in done.err, done
        assert took < 10, took


@case(quick=False)
def no_process_stays_when_the_linter_is_killed(folder: Path) -> None:
    put(folder, ENDLESS, ".drone.jsonnet")
    process = subprocess.Popen(
        [*PROGRAM, "--max-seconds", "3"], cwd=folder, env=environment(), stdout=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(1)
    process.kill()
    process.wait()
    end = time.monotonic() + 12
    while alive(process.pid):
        assert time.monotonic() < end, "the evaluator goes on"
        time.sleep(0.2)


@case(quick=False)
def no_worker_stays_when_the_linter_is_killed(folder: Path) -> None:
    for number in range(600):
        put(folder, STEP, f"{number}/.drone.yml")
    for number in (signal.SIGTERM, signal.SIGKILL):
        process = subprocess.Popen(
            [*PROGRAM, "--jobs", "2"], cwd=folder, env=environment(), stdout=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(0.8)
        process.send_signal(number)
        process.wait()
        end = time.monotonic() + 10
        while alive(process.pid):
            assert time.monotonic() < end, "a worker goes on"
            time.sleep(0.2)


@case()
def an_evaluator_that_is_killed_is_a_limit_and_not_the_end(folder: Path) -> None:
    put(folder, ENDLESS, "a.drone.jsonnet")
    put(folder, STEP, "b/.drone.yml")
    process = subprocess.Popen(
        [*PROGRAM, "--format", "json"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    for _ in range(60):
        time.sleep(0.1)
        kill_children(process.pid)
        if process.poll() is not None:
            break
    out, err = process.communicate(timeout=30)
    report = json.loads(out)
    assert process.returncode == 3, (process.returncode, err)
    assert {item["rule"] for item in report["errors"]} == {"evaluation-limit"}, report["errors"]
    assert any(item["rule"] == "privileged-step" for item in report["findings"])


def kill_children(parent: int) -> None:
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
                command = Path("/proc", entry, "cmdline").read_text()
            except OSError:
                continue
            if int(words[1]) == parent and "child.py" in command:
                os.kill(int(entry), signal.SIGKILL)


# -- a file that does not keep still, and very many findings


@case(quick=False)
def files_that_change_while_they_are_read_are_read_as_something(folder: Path) -> None:
    script = (
        "import os, time\nend = time.time() + 12\nn = 0\nwhile time.time() < end:\n    n += 1\n"
        f"    open('.drone.yml', 'w').write({STEP!r} * (n % 50)) if n % 5 else os.path.exists('.drone.yml') and os.unlink('.drone.yml')\n"
        f"    open('a.drone.jsonnet', 'w').write('{{ kind: \"pipeline\", steps: [] }}' * (n % 3))\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", script], cwd=folder)
    codes: dict[int, int] = {}
    try:
        while writer.poll() is None:
            done = subprocess.run(
                [*PROGRAM, "--fix"], cwd=folder, capture_output=True, text=True, env=environment(), timeout=20, check=False
            )
            assert done.returncode in (0, 1, 2, 3), done
            assert "Traceback" not in done.stderr, done
            assert "internal-error" not in done.stdout, done
            codes[done.returncode] = codes.get(done.returncode, 0) + 1
    finally:
        writer.kill()
        writer.wait()
    print(f"    exit codes: {codes}")
    assert left_over(folder) == []


@case(quick=False)
def ten_thousand_findings_take_seconds_and_megabytes(folder: Path) -> None:
    put(folder, STEP + "".join(f"- name: s{number}\n  image: a:1\n  privileged: true\n" for number in range(10_000)))
    for form in ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"):
        script = (
            "import resource, subprocess, sys, time\nb = time.monotonic()\ncode = subprocess.run(sys.argv[1:], stdout=open('out', 'wb')).returncode\n"
            "print(code, time.monotonic() - b, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
        )
        command = [sys.executable, "-c", script, *PROGRAM, "--select", "privileged-step", "--format", form]
        out = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment(), timeout=120, check=True).stdout
        code, took, memory = out.split()
        print(f"    {form:8} {float(took):5.1f} s {memory:>4} MiB {(folder / 'out').stat().st_size >> 10:6} KiB")
        assert code == "1", out
        assert float(took) < 60, out
        assert int(memory) < 1024, out


def main() -> int:
    """Run all cases, or those that are named."""
    failed = 0
    for name in sys.argv[1:] or CASES:
        with tempfile.TemporaryDirectory(prefix="drone-lint-faults-") as folder:
            begin = time.monotonic()
            try:
                CASES[name].act(Path(folder))
            except AssertionError as error:
                failed += 1
                print(f"FAILED {name}: {str(error)[:2000]}")
                continue
            print(f"ok     {name.replace('_', ' ')} ({time.monotonic() - begin:.1f} s)")
    print(f"{failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())

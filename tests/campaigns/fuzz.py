"""Feeds mutated inputs to what reads foreign text, looking for crashes, hangs and wrong answers. A command of its own.

python tests/campaigns/fuzz.py TARGET|all [--count N | --seconds S] [--seed N] [--plain]

With atheris installed (`pip install 'atheris>=3,<4'`) inputs are guided by coverage; without it, or with `--plain`, a mutator of our
own works on the same seeds. The first find ends the command with exit code 1 and shows the input.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import itertools
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / name) for name in ("linter", "rules", "schemas", "tests")]
try:
    import atheris
except ImportError:
    atheris = None

LONGEST = 2048
"""Characters of an input."""
_PLACES = 200
"""Values of a program whose places are looked at."""
LIMIT = 5.0
"""Seconds of processor time that one input may take."""
_WORDS = (
    "kind: pipeline\n", "---\n", "...\n", "steps:\n", "- name: a\n", "  image: b\n", "<<: *a\n", "&a ", "*a", "!!str ", "!!binary ", "!!int ", "? ", ": ", "|\n",
    ">-\n", "%YAML 1.1\n", "\t", "\r\n", "\u2028", "\ufeff", "\x85", "\x00", "\x1b[31m", "{", "}", "[", "]", "${", "${a:-", "${a//b/c}", "${a##*}", "$$", "\\/", "\\\\",
    "|||\n ", "\n|||", "@'", "''", "/*", "*/", "//", "#", "local a = ", "; ", "function(x) ", "import 'a'", "self.", "super.", "$.", "for x in ", "if ", " then ", " else ",
    "+: ", "::", ":::", "tailstrict", "assert ", "error ", "std.", "# drone-lint: ignore[privileged-step] -- because\n", "ignore-file[", "<<EOF\n", "EOF\n", "$(", "`", "((",
    "case x in ", "esac", "done", "fi", "{a,b}", "**", "[^a-z]", "[z-a]", "\\", "*?", "0x", "1e999", "9" * 40, ".inf", "~", "2001-01-01", "docker.io/", "@sha256:", ":tag",
    "\ud800", "\U0001f40b", "é", "'", '"', "\n", "\n  ", "per-path: ", "rules: ", "severity: ", "jsonnet: ", "ignore: ",
    "def f(x, *a, y = 1, **k):\n  ", "lambda x: ", " in ", " not in ", " % ", ".format(", "b'", "r'", "\"\"\"", " += ", "pass", "return ", "load('a', 'b')", "True", "None",
    "range(3)", "[::-1]", "\\x41", "\\u00e9", "\\U0001F40B", "dict(", "sorted(", ".split(", ".join(", "%(a)s", "{0}", "{a!r}", " or ", " and ", "not ", "fail(",
)  # fmt: skip


class Hang(BaseException):
    """An input took too long. Not an `Exception`, so that no handler of the program's own takes it for a failure of a rule."""


@contextlib.contextmanager
def limited(seconds: float = LIMIT) -> Iterator[None]:
    """Ends what takes longer, counted in processor time, since the machine may be busy."""

    def stop(_signal: int, _frame: Any) -> None:
        raise Hang(f"more than {seconds:g} seconds")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


Check = Callable[[str], None]


def yaml_target() -> Check:
    """Both views of a YAML text: nothing raised, and all nodes stand inside of the text."""
    from drone_lint.model.node import walk
    from drone_lint.settings import Settings
    from drone_lint.source.load import load

    settings = Settings(profile="pedantic")

    def check(text: str) -> None:
        file = load(text.encode("utf-8", "surrogatepass"), ".drone.yml", settings)
        for document in (one for evaluation in file.evaluations for one in evaluation.server):
            for _, node in walk(document.root):
                assert -1 <= node.start <= node.end <= len(file.source.text) + 1, node  # a last line may lack its end
        for fact in file.known:
            assert 0 <= fact.place.start <= fact.place.end <= len(file.source.text), fact

    return check


def rules_target() -> Check:
    """A YAML text and all pedantic rules: no rule fails, and all spans stand inside of the text."""
    from drone_lint.lint.engine import lint
    from drone_lint.lint.selection import active_rules
    from drone_lint.settings import Settings
    from drone_lint.source.load import load

    settings = Settings(profile="pedantic", trust="untrusted")
    rules = [rule for rule in active_rules(settings) if rule.name != "shellcheck"]

    def check(text: str) -> None:
        report = lint(load(text.encode("utf-8", "surrogatepass"), ".drone.yml", settings), rules, settings)
        for problem in report.problems:
            assert problem.rule != "internal-error", problem.message
        for item in report.findings:
            for span in (item.span, *(place.span for place in item.places), *(span for _, span in item.related)):
                assert 0 <= span.start <= span.end <= len(span.file.text), item

    return check


def tokens_target() -> Check:
    """Jsonnet's tokens: in order, without overlap, and what is between them is white space; literals and fields stand inside."""
    from drone_lint.source.jsonnet.syntax.tokens import offset_in, structure, tokenise

    def check(text: str) -> None:
        at = 0
        for token in tokenise(text):
            assert at <= token.start < token.end <= len(text), token
            assert not text[at : token.start].strip(" \t\r\n"), token
            at = token.end
        shape = structure(text)
        for literal in shape.objects:
            for field in literal.fields:
                assert literal.start < field.start < field.end <= field.value <= field.value_end < literal.end, (literal, field)
        for literal in shape.strings.values():
            for place in (0, len(literal.value) // 2, len(literal.value)):
                assert literal.start <= offset_in(text, literal, place) <= literal.end, literal

    return check


def map_target() -> Check:
    """The source map: instrumenting never fails, an instrumented program gives what the plain one gives, and where a key's place
    claims to be exact the source has the key. Every program that is sound and imports nothing is evaluated, by rjsonnet, since the
    arbiter takes fifty times as long.
    """
    import json

    from drone_lint.model.node import from_data, walk
    from drone_lint.settings import JsonnetSettings, Settings
    from drone_lint.source.jsonnet.engine.session import Job, session
    from drone_lint.source.jsonnet.sourcemap.instrument import instrumented
    from drone_lint.source.jsonnet.sourcemap.map import SourceMap
    from drone_lint.source.jsonnet.syntax.static_check import is_sound
    from drone_lint.source.jsonnet.syntax.tokens import string_value, structure
    from drone_lint.text.position import Precision, SourceFile

    settings = Settings(max_seconds=5, jsonnet=JsonnetSettings(engine="rjsonnet"))

    def check(text: str) -> None:
        text = text.encode("utf-8", "replace").decode()
        shape = structure(text)
        assert len(instrumented(text, shape, 0)) >= len(text)
        if "import" in text or "objectFieldsAll" in text or "objectHasAll" in text or not is_sound(text):
            return
        job = Job("/fuzz.jsonnet", text, roots=("/nonexistent",))
        outcome = session(settings.max_memory).fastest(job, "rjsonnet", 5)
        if outcome.value is None:
            return
        try:
            value = json.loads(outcome.value)
        except ValueError:  # an infinite number, which the loader takes for an error
            return
        found = SourceMap(job, value, {job.filename: SourceFile("fuzz.jsonnet", text)}, settings)
        if value is None:
            return
        assert found.tree is not None, "the instrumented program disagrees"
        for path, _ in itertools.islice(walk(from_data(value)), 1, _PLACES):
            span = found.key_span(path)
            assert 0 <= span.start <= span.end <= len(text), (path, span)
            if span.precision is Precision.EXACT and isinstance(path[-1], str) and span.text != path[-1]:
                literal = string_value(span.text, 0)
                assert literal is not None, (path, span.text)
                assert literal.value == path[-1], (path, span.text)

    return check


def scope_target() -> Check:
    """What passes for sound is accepted by the arbiter, which is asked about 200 programs at a time."""
    import _jsonnet

    from drone_lint.source.jsonnet.engine.session import uncalled
    from drone_lint.source.jsonnet.syntax.dollar import with_roots
    from drone_lint.source.jsonnet.syntax.static_check import is_sound

    waiting: dict[str, None] = {}

    def refused(programs: list[str]) -> list[str]:
        try:
            _jsonnet.evaluate_snippet("check", uncalled(map(with_roots, programs)))
        except RuntimeError:
            half = len(programs) // 2
            return refused(programs[:half]) + refused(programs[half:]) if half else programs
        return []

    def check(text: str) -> None:
        text = text.encode("utf-8", "replace").decode()
        if "\0" in text or not is_sound(text):
            return
        waiting[text] = None
        if len(waiting) >= 200:
            programs = list(waiting)
            waiting.clear()
            bad = refused(programs)
            assert not bad, f"the arbiter refuses {bad[0]!r}"

    return check


def substitution_target() -> Check:
    """Substitution: refused or done, and origins lead back into the text."""
    from drone_lint.semantics.substitution import SubstitutionError, lookup_in, substitute

    lookup = lookup_in({"a": "main", "DRONE_BRANCH": "feature/x-y", "DRONE_COMMIT_SHA": "0123456789abcdef" * 3, "E": "é\nü"})

    def check(text: str) -> None:
        try:
            found = substitute(text, lookup)
        except SubstitutionError as error:
            assert 0 <= error.start <= error.end, error  # noqa: PT017
            return
        for offset in (0, len(found.text) // 2, len(found.text)):
            assert 0 <= found.origin(offset) <= len(text)
        for one in found.expansions:
            assert text.startswith("${", one.start), one
            assert text[one.end - 1] == "}", one

    return check


def images_target() -> Check:
    """Image references: never a failure, and parts that make up the whole."""
    from drone_lint.model.image import parse_image

    def check(text: str) -> None:
        found = parse_image(text)
        whole = "/".join(part for part in (found.registry, found.repository) if part)
        assert whole in text.strip() or not found.repository, found
        assert isinstance(found.valid, bool)
        assert isinstance(found.familiar + found.canonical + found.host, str)

    return check


def ignores_target() -> Check:
    """Ignore comments: nothing is lost, nothing is found twice."""
    from drone_lint.lint import ignores as suppress
    from drone_lint.lint.engine import lint
    from drone_lint.lint.selection import RuleSet
    from drone_lint.settings import Settings
    from drone_lint.source.load import load

    settings = Settings(profile="pedantic", select=("privileged-step", "unused-ignore", "unexplained-ignore", "unknown-rule"))
    rules = RuleSet(settings)

    def check(text: str) -> None:
        file = load(text.encode("utf-8", "surrogatepass"), ".drone.yml", settings)
        report = lint(file, rules.triggered_by(file), settings)
        after = suppress.apply(report, file, rules, settings)
        places = [place for item in (*after.findings, *after.ignored) if item.rule == "privileged-step" for place in item.places]
        assert len(places) >= sum(len(item.places) for item in report.findings if item.rule == "privileged-step" and not item.ignored_by)

    return check


def config_target() -> Check:
    """Configuration files: settings, or a `ConfigError`."""
    from drone_lint.config import check as config
    from drone_lint.config.load import ConfigError, read, settings_for
    from drone_lint.settings import Settings

    config.nearest = lambda name, choices: name if name in choices else ""  # similar names cost most of the time  # type: ignore[assignment]
    memory = "/dev/shm"
    folder = tempfile.mkdtemp(prefix="drone-lint-fuzz-", dir=memory if Path(memory).is_dir() else None)
    path = str(Path(folder, ".drone-lint.yaml"))

    def check(text: str) -> None:
        Path(path).write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            settings_for(read(path), str(Path(folder, ".drone.yml")), Settings())
        except ConfigError as error:
            assert len(str(error)) < 4 * LONGEST, "a message longer than the file"  # noqa: PT017

    return check


def shell_target() -> Check:
    """Shell scripts: read whatever they are, with words that stand inside of the text."""
    from drone_lint_rules.shell.parser import parse

    def check(text: str) -> None:
        for command in parse(text).commands:
            assert 0 <= command.start <= command.end <= len(text), command
            for word in command.words:
                assert 0 <= word.start <= word.end <= len(text), word

    return check


def globs_target() -> Check:
    """Patterns of conditions: the first line is the pattern, the second the value."""
    from drone_lint.semantics.glob import is_malformed, matches

    def check(text: str) -> None:
        pattern, _, value = text.partition("\n")
        assert matches(pattern, value) in (True, False)
        assert is_malformed(pattern) in (True, False)

    return check


def starlark_target() -> Check:
    """Starlark: the value or the error, with its place, that the server's engine gives, where that is installed and the program is short work."""
    import importlib.util
    import re
    import unicodedata

    from starlark.referee import agree, ours, theirs

    compared = importlib.util.find_spec("starlark_go") is not None
    sys.setrecursionlimit(20_000)

    def check(text: str) -> None:
        text = text.encode("utf-8", "replace").decode()
        if re.search(r"[0-9]{5}|<<|\*\s*[0-9]{3}|0x\w{4}|e[0-9]{3}", text) or any(unicodedata.category(char) == "Cn" for char in text):
            return  # what may take long, and characters that one of the two does not know yet
        mine = ours(text)
        if compared and "\0" not in text and mine.error not in _OF_THEIR_OWN:
            other = theirs(text)
            assert agree(mine, other), (mine, other)

    return check


_OF_THEIR_OWN = ("comparison exceeded maximum recursion depth",)

TARGETS: dict[str, Callable[[], Check]] = {
    "yaml": yaml_target, "rules": rules_target, "tokens": tokens_target, "map": map_target, "scope": scope_target, "substitution": substitution_target,
    "images": images_target, "ignores": ignores_target, "config": config_target, "shell": shell_target, "globs": globs_target,
    "starlark": starlark_target,
}  # fmt: skip


def seeds(target: str) -> list[str]:
    """What to start from: files of the examples and of the conformance cases, rows of its tables, a few lines written for a target."""
    if target in ("tokens", "map", "scope"):
        return _files(".jsonnet", ".libsonnet")
    if target == "starlark":
        return _programs()
    if target == "config":
        return [*_WRITTEN["config"], *_files(".drone-lint.yaml")]
    if target == "shell":
        return _scripts()
    if target in _TABLES:
        import json

        rows = json.loads((ROOT / "tests/conformance/tables" / _TABLES[target][0]).read_text("utf-8"))
        return ["\n".join(str(row[key]) for key in _TABLES[target][1]) for row in rows]
    return [*_WRITTEN.get(target, ()), *_files(".yml", ".yaml")]


_TABLES = {
    "substitution": ("substitution.json", ("text",)),
    "images": ("images.json", ("image",)),
    "globs": ("globs.json", ("pattern", "value")),
}
_STEP = "kind: pipeline\ntype: docker\nname: default\nsteps:\n- name: a\n  image: b:1\n  privileged: true"
_WRITTEN = {
    "config": (
        (
            "trust: untrusted\nprofile: pedantic\nignore: [unused-volume]\nseverity: {floating-image-tag: error}\nserver: {version: '2.25'}\n"
            "jsonnet: {jpath: [vendor], ext-str: {team: payments}}\nimages: {trusted-registries: [registry.example.com]}\n"
        ),
        "rules:\n  privileged-step: {allow: ['integration-tests*']}\nper-path: {'examples/**': {ignore: [floating-image-tag]}}\nfiles: ['ci/*.jsonnet']\n",
        "x: &a [1, 2]\nselect: *a\n<<: {runner: exec}\nbaseline: b.json\npacks: []\n",
    ),
    "ignores": (
        _STEP + "  # drone-lint: ignore[privileged-step] -- needs it\n",
        "# drone-lint: ignore-file[privileged-step, container_escape]\n" + _STEP + "\n",
        _STEP.replace("- name: a", "# drone-lint: ignore[privileged-step] -- all of the step\n- name: a") + "\n",
    ),
}


def _files(*endings: str) -> list[str]:
    folders = [ROOT / name for name in ("examples", "tests/conformance/cases", "tests/cli/files")]
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file() and path.name.endswith(endings)]
    return [path.read_text("utf-8", "replace")[:LONGEST] for path in paths]


def _scripts() -> list[str]:
    from drone_lint.settings import Settings
    from drone_lint.source.load import load

    files = [load(text.encode(), ".drone.yml", Settings()) for text in _files(".yml", ".yaml")]
    steps = [step for file in files for one in file.evaluations for doc in one.server if doc.pipeline for step in doc.pipeline.containers]
    written = [
        "case $x in a|b) echo ;; esac; f() { echo 1; }; cat <<EOF | sh -c 'x'\n$(y `z`)\nEOF\n",
        'for i in "$@"; do [[ $i = * ]] && x=(a b); done >&2',
    ]
    return [*written, *{"\n".join(item.text for item in list(step.get("commands") or ())) for step in steps}]


def _programs() -> list[str]:
    from starlark.generator import program

    table = (ROOT / "tests/starlark/programs.txt").read_bytes().decode("utf-8").split("\n---- next\n")
    return [
        *(block.partition("\n---- gives\n")[0] for block in table),
        *(program(random.Random(seed)) for seed in range(40)),
        *_files(".star"),
    ]


class Mutator:
    """Small accidents: of characters, of words that the languages know, of pieces of other inputs."""

    def __init__(self, chance: random.Random, corpus: list[str]) -> None:
        self._chance = chance
        self._corpus = corpus

    def text(self) -> str:
        """An input."""
        text = self._chance.choice(self._corpus)
        if len(text) > 400 and self._chance.random() < 0.7:
            start = self._chance.randrange(len(text) - 200)
            text = text[start : start + self._chance.randrange(20, 400)]
        for _ in range(self._chance.choice((1, 1, 2, 3, 5, 8))):
            text = self._accident(text)
        return text[:LONGEST]

    def _accident(self, text: str) -> str:
        chance = self._chance
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.choice((0, 0, 1, 1, 2, 5, 20, 80)))
        match chance.randrange(6):
            case 0:
                put = chance.choice(_WORDS)
            case 1:
                put = chr(chance.choice((chance.randrange(128), chance.randrange(256), chance.randrange(0x3000))))
            case 2:
                put = text[start:end] * chance.choice((2, 3, 10, 50))
            case 3:
                other = chance.choice(self._corpus)
                at = chance.randrange(len(other) + 1)
                put = other[at : at + chance.choice((5, 20, 100))]
            case 4:
                put = chance.choice(_WORDS) * chance.choice((2, 5, 30))
            case _:
                put = ""
        return text[:start] + put + text[end:]


def run_plain(target: str, check: Check, options: argparse.Namespace) -> int:
    """Our own mutator; how many inputs were tried.

    Raises:
        SystemExit: something was found.
    """
    mutator = Mutator(random.Random(options.seed), seeds(target))
    begin, number, slow = time.monotonic(), 0, 0
    while number < options.count if options.count else time.monotonic() - begin < options.seconds:
        text = mutator.text()
        try:
            slow += checked(check, text)
        except (Exception, Hang) as error:
            print(f"{target}: input {number}: {type(error).__name__}: {str(error)[:500]}\n{text!r}")
            import traceback

            traceback.print_exc()
            raise SystemExit(1) from error
        number += 1
    again = f" ({slow} looked at twice)" if slow else ""
    print(f"{target}: {number:,} inputs in {time.monotonic() - begin:.0f} s, clean{again}")
    return number


def checked(check: Check, text: str) -> bool:
    """Check an input; whether it took its time once and not again, which is the machine's doing: clocks of processes jump when it is busy."""
    try:
        with limited():
            check(text)
    except Hang:
        with limited():
            check(text)
        return True
    return False


def run_guided(target: str, options: argparse.Namespace) -> None:
    """Atheris, which ends the process; inputs are bytes, read as UTF-8 with what is none of it replaced."""
    with atheris.instrument_imports(include=["drone_lint", "drone_lint_rules"]):
        for name in ("run", "suppress", "source.yaml", "source.jsonnet", "source.jsonnet_scope"):
            importlib.import_module(f"drone_lint.{name}")
        check = TARGETS[target]()
    folder = Path(tempfile.mkdtemp(prefix=f"drone-lint-fuzz-{target}-"))
    for number, text in enumerate(seeds(target)):
        (folder / str(number)).write_bytes(text.encode("utf-8", "surrogatepass"))

    def one(data: bytes) -> None:
        with limited():
            check(data.decode("utf-8", "replace"))

    bound = [f"-runs={options.count}"] if options.count else [f"-max_total_time={int(options.seconds)}"]
    words = [
        sys.argv[0],
        str(folder),
        f"-artifact_prefix={folder}/",
        f"-max_len={LONGEST}",
        f"-seed={options.seed}",
        "-print_final_stats=1",
    ]
    dictionary = folder.parent / f"{folder.name}.dict"
    dictionary.write_text(
        "".join(f'"{"".join(f"{chr(92)}x{byte:02x}" for byte in word.encode("utf-8", "replace"))}"\n' for word in _WORDS if word)
    )
    atheris.Setup([*words, *bound, f"-dict={dictionary}"], one)
    atheris.Fuzz()


def main() -> int:
    """Fuzz one target, or all of them one after the other with the plain mutator."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=[*TARGETS, "all"])
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument("--count", type=int, default=0, help="inputs")
    bound.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plain", action="store_true", help="our own mutator, also where atheris is installed")
    options = parser.parse_args()
    if atheris is not None and not options.plain and options.target != "all":
        run_guided(options.target, options)
    for target in TARGETS if options.target == "all" else [options.target]:
        run_plain(target, TARGETS[target](), options)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the programs and tests that a command runs do with Docker, as far as their source says so. All of it is a guess: nothing is compiled or run.

Go compiles the packages that the command names and those of the module that they import; Python, JavaScript and Java read the files that their
test runners look for. Looked for are commands of Docker in string literals, libraries that drive a daemon, and addresses that are dialled.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from drone_lint.api import SourceFile, Surroundings, TextPlace, data_lines
from drone_lint_rules.docker.folders import join
from drone_lint_rules.docker.strings import Literal, constants_of, docker_commands, literals

if TYPE_CHECKING:
    from drone_lint_rules.docker.following import Text
    from drone_lint_rules.shell.syntax import SimpleCommand

_MOST_FILES = 300
_MOST_CHARACTERS = 6_000_000
_GO_VALUES = (
    "-run -timeout -count -p -parallel -tags -coverprofile -covermode -coverpkg -bench -benchtime -o -exec -ldflags -gcflags -mod -cpu "
    "-skip -shuffle -fuzz -fuzztime -outputdir -cpuprofile -memprofile -blockprofile -trace -vet -modfile -overlay -asmflags -C"
)
_JVM = ("mvn", "mvnw", "gradle", "gradlew")
_JVM_GOALS = ("test", "verify", "install", "check", "build", "integration", "package", "deploy")
_JS_RUNNERS = ("jest", "vitest", "mocha", "ava", "playwright", "cypress", "tap", "jasmine")
_JS_ENDINGS = (".js", ".ts", ".mjs", ".cjs", ".tsx", ".jsx", ".mts")


class Dialled(NamedTuple):
    """An address that a program's text names."""

    host: str
    port: int | None
    place: TextPlace


class Library(NamedTuple):
    """A library that drives a Docker daemon."""

    name: str
    needs_client: bool
    place: TextPlace


class Program(NamedTuple):
    """What the source of a program says of Docker."""

    name: str
    """`go test`, `pytest`, ..."""
    texts: tuple[Text, ...]
    libraries: tuple[Library, ...]
    dialled: tuple[Dialled, ...]
    complete: bool
    """Whether all files that it is made of were read."""


class _File(NamedTuple):
    source: SourceFile
    folders: tuple[str, ...]
    """Where its commands may run: those of the tests that use it."""


def texts(command: SimpleCommand, folder: str | None, root: str, around: Surroundings) -> Iterator[Text]:
    """The commands of Docker in the source of the program that a command runs."""
    found = program_of(command, folder, root, around)
    if found is not None:
        yield from found.texts


def program_of(command: SimpleCommand, folder: str | None, root: str, around: Surroundings) -> Program | None:
    """The program whose source a command runs; None when it is none of those that are read."""
    if folder is None:
        return None
    words = [word.text for word in command.arguments]
    for reader in (_go, _python, _javascript, _jvm):
        asked = reader(command.program, words, folder, root, around)
        if asked is not None:
            key = ("program", asked.name, asked.language, asked.paths)
            known: Program | None = around.memo.get(key)
            if known is None:
                known = around.memo[key] = _read(asked, around, root)
            return known
    return None


class _Asked(NamedTuple):
    """A program, and the files to read."""

    name: str
    language: str
    paths: tuple[str, ...]
    """Files; for Go: folders of packages."""
    folder: str
    """Where it runs."""
    tests: bool = True
    complete: bool = True


# -- which files


def _go(program: str, words: list[str], folder: str, root: str, around: Surroundings) -> _Asked | None:
    if program == "gotestsum":
        words = ["test", *(words[words.index("--") + 1 :] if "--" in words else ["./..."])]
    elif program == "ginkgo":
        words = ["test", "./..." if any(word in ("-r", "-recursive", "./...") for word in words) else "."]
    elif program != "go" or not words or words[0] not in ("test", "run"):
        return None
    patterns, without = _patterns(words[1:])
    if words[0] == "run":
        patterns = patterns[:1]
    folders: list[str] = []
    for pattern in patterns:
        folders += _packages(pattern, folder, root, around)
    kept = [one for one in dict.fromkeys(folders) if not any(part in f"/{one}/" for part in without)]
    return _Asked(f"go {words[0]}", "go", tuple(kept), folder, words[0] == "test")


def _patterns(words: list[str]) -> tuple[list[str], list[str]]:
    """The packages that `go test` is given, and what `go list | grep -v` leaves out."""
    valued = frozenset(_GO_VALUES.split())
    patterns, without, skip = [], [], False
    for word in words:
        listed = re.search(r"go list\s+(?:-\S+\s+)*(\S+)", word)
        if skip:
            skip = False
        elif listed is not None:
            patterns.append(listed[1].rstrip(")`"))
            without += [
                one.strip("'\"")
                for one in re.findall(r"grep\s+(?:-[a-zA-Z]*v[a-zA-Z]*|--invert-match)\s+(?:-e\s+)?(\S+?)[)`]*(?:\s|$)", word)
            ]
        elif word in ("-args", "--args"):
            break
        elif word.startswith("-"):
            skip = word.replace("--", "-", 1) in valued
        else:
            patterns.append(word)
    return patterns or ["."], without


def _packages(pattern: str, folder: str, root: str, around: Surroundings) -> Iterator[str]:
    """The folders of the packages that a pattern names."""
    module = _module(around, folder)
    if module and (pattern == module[0] or pattern.startswith(module[0] + "/")):
        pattern, folder = "./" + pattern[len(module[0]) :].lstrip("/"), module[1]
    base, dots, _ = pattern.partition("...")
    path = join(folder, base.rstrip("/") or ".", root)
    if path is None or not (pattern.startswith((".", "/")) or pattern.endswith(".go")):
        return
    if pattern.endswith(".go"):
        yield posixpath.dirname(path)
        return
    files = around.files(path, (".go",), below=bool(dots), most=4 * _MOST_FILES)
    yield from dict.fromkeys(posixpath.dirname(one) for one in files if "/testdata/" not in f"/{one}")


def _module(around: Surroundings, folder: str) -> tuple[str, str] | None:
    """The name and the folder of the Go module around a folder."""
    while True:
        source = around.read(f"{folder}/go.mod" if folder else "go.mod")
        if source is not None:
            found = re.search(r"(?m)^module\s+\"?([^\s\"]+)", source.text)
            return (found[1], folder) if found else None
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _python(program: str, words: list[str], folder: str, root: str, around: Surroundings) -> _Asked | None:
    if program.startswith("python") and words[:1] == ["-m"] and words[1:2] in (["pytest"], ["unittest"], ["nose2"]):
        program, words = words[1], words[2:]
    if program in ("pytest", "py.test", "unittest", "nose2"):
        given = [path for word in words if not word.startswith("-") and (path := join(folder, word.partition("::")[0], root))]
        paths = [path for one in [path for path in given if around.exists(path)] or [folder] for path in _files_of(one, (".py",), around)]
        tests = [path for path in paths if _is_python_test(path)]
        return _Asked("pytest", "python", tuple(tests), folder)
    if program.startswith("python") and words and words[0].endswith(".py"):
        path = join(folder, words[0], root)
        return _Asked(f"python {words[0]}", "python", (path,) if path is not None else (), folder, tests=False)
    return None


def _is_python_test(path: str) -> bool:
    name = posixpath.basename(path)
    return (
        name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py" or "/tests/" in f"/{path}" or "/test/" in f"/{path}"
    )


def _javascript(program: str, words: list[str], folder: str, root: str, around: Surroundings) -> _Asked | None:
    if program in ("npx", "bunx", "pnpx") and words:
        program, words = words[0], words[1:]
    if program in _JS_RUNNERS:
        paths = [path for path in around.files(folder, _JS_ENDINGS, most=4 * _MOST_FILES) if _is_js_test(path)]
        return _Asked(program, "javascript", tuple(paths), folder)
    if program in ("node", "ts-node", "tsx", "deno", "bun"):
        name = next((word for word in words if word.endswith(_JS_ENDINGS)), None)
        path = join(folder, name, root) if name is not None else None
        return _Asked(f"{program} {name}", "javascript", (path,), folder, tests=False) if path is not None else None
    return None


def _is_js_test(path: str) -> bool:
    name = posixpath.basename(path)
    parts = path.split("/")[:-1]
    return bool(re.search(r"\.(?:test|spec|e2e|it)\.", name)) or any(
        part in ("test", "tests", "__tests__", "e2e", "integration") for part in parts
    )


def _jvm(program: str, words: list[str], folder: str, _: str, around: Surroundings) -> _Asked | None:
    goals = [word for word in words if not word.startswith("-")]
    skipped = any(word.startswith(("-DskipTests", "-Dmaven.test.skip")) or word == "-xtest" for word in words)
    if program not in _JVM or skipped or not any(part in goal.lower() for goal in goals for part in _JVM_GOALS):
        return None
    files = around.files(folder, (".java", ".kt", ".groovy", ".scala"), most=8 * _MOST_FILES)
    return _Asked(
        f"{program} {goals[0]}", "java", tuple(path for path in files if re.search(r"(?:^|/)src/(?:\w*[tT]est\w*|it)/", path)), folder
    )


def _files_of(path: str, endings: tuple[str, ...], around: Surroundings) -> tuple[str, ...]:
    return (path,) if path.endswith(endings) else around.files(path, endings, most=2 * _MOST_FILES)


# -- what is in them


def _read(asked: _Asked, around: Surroundings, root: str) -> Program:
    files, complete = _go_files(asked, around) if asked.language == "go" else _plain_files(asked, around)
    found_texts: list[Text] = []
    libraries: list[Library] = []
    dialled: list[Dialled] = []
    constants: dict[str, str] = {}
    for file in files:
        if "docker" in file.source.text:
            constants.update(constants_of(file.source.text))
    for file in files:
        libraries += _libraries(file.source, asked.language)
        if "docker" in file.source.text or "localhost" in file.source.text or "127.0.0.1" in file.source.text:
            found = list(literals(file.source.text, asked.language))
            found_texts += _commands(file, found, constants, asked, around, root)
            dialled += _dialled(file.source, found)
    return Program(asked.name, tuple(found_texts), tuple(libraries), tuple(dialled), complete and bool(files))


def _plain_files(asked: _Asked, around: Surroundings) -> tuple[list[_File], bool]:
    files: list[_File] = []
    size = 0
    for path in asked.paths[:_MOST_FILES]:
        source = around.read(path)
        if source is None:
            continue
        size += len(source.text)
        if size > _MOST_CHARACTERS:
            return files, False
        files.append(_File(source, (asked.folder,)))
    return files, len(asked.paths) <= _MOST_FILES


def _go_files(asked: _Asked, around: Surroundings) -> tuple[list[_File], bool]:
    """The files of packages and of all that they import from their own module, each with the folders of the tests that use it."""
    module = _module(around, asked.folder)
    users: dict[str, set[str]] = {}
    waiting = [(one, one) for one in asked.paths if not asked.tests or _has_tests(one, around)]
    found: dict[str, list[SourceFile]] = {}
    read = size = 0
    while waiting and read < _MOST_FILES and size < _MOST_CHARACTERS:
        package, user = waiting.pop()
        if user in users.setdefault(package, set()):
            continue
        users[package].add(user)
        if package not in found:
            found[package] = [source for path in around.files(package, (".go",), below=False) if (source := around.read(path)) is not None]
            read += len(found[package])
            size += sum(len(source.text) for source in found[package])
        if len(users[package]) > 8:
            continue
        for source in found[package]:
            if package == user or not source.path.endswith("_test.go"):
                waiting += [(imported, user) for imported in _imports(source.text, module)]
    files = [
        _File(source, tuple(sorted(users[package] if asked.tests else [asked.folder])))
        for package, sources in found.items()
        for source in sources
        if asked.tests or not source.path.endswith("_test.go")
        if package in asked.paths or not source.path.endswith("_test.go")
    ]
    return files, not waiting


def _has_tests(package: str, around: Surroundings) -> bool:
    return bool(around.files(package, ("_test.go",), below=False))


def _imports(text: str, module: tuple[str, str] | None) -> Iterator[str]:
    """The folders of the packages of the own module that a Go file imports."""
    if module is None:
        return
    for one in re.finditer(r'"' + re.escape(module[0]) + r'(?:/([^"\s]*))?"', text[:20_000]):
        path = posixpath.normpath(posixpath.join(module[1], one[1] or ""))
        yield "" if path == "." else path


def _commands(
    file: _File, found: list[Literal], constants: dict[str, str], asked: _Asked, around: Surroundings, root: str
) -> Iterator[Text]:
    from drone_lint_rules.docker.following import Text

    own = {**constants, **constants_of(file.source.text)}
    for one in docker_commands(file.source.text, found, own):
        folder = _folder_of(one.text, file.folders, around, root)
        yield Text(one.text, file.source, one.start, one.end, folder, f"a text in a program that `{asked.name}` runs")


def _folder_of(text: str, folders: tuple[str, ...], around: Surroundings, root: str) -> str | None:
    """Where a command runs, of several folders: the first in which the file that it names is."""
    named = re.search(r"\s(?:-f|--file)[= ]\s*(\S+)", text)
    if named is None or len(folders) < 2:
        return folders[0] if folders else None
    for folder in folders:
        path = join(folder, named[1], root)
        if path is not None and around.exists(path):
            return folder
    return folders[0]


@lru_cache(maxsize=8)
def _patterns_of(language: str) -> tuple[tuple[bool, re.Pattern[str]], ...]:
    rows = [line.split(None, 2) for line in data_lines(__file__, "libraries.txt")]
    return tuple((needs == "client", re.compile(pattern)) for of, needs, pattern in rows if of == language)


def _libraries(source: SourceFile, language: str) -> Iterator[Library]:
    for needs_client, pattern in _patterns_of(language):
        found = pattern.search(source.text)
        if found is not None:
            yield Library(found[0].strip("\"' \n"), needs_client, TextPlace(source, found.start(), found.end()))


def _dialled(source: SourceFile, found: list[Literal]) -> Iterator[Dialled]:
    for index, one in enumerate(found):
        named = re.fullmatch(r"(?:[a-z+]+://)?(?:[^@/\s]*@)?(localhost|127\.0\.0\.1|0\.0\.0\.0)(?::(\d{2,5}))?(?:[/?].*)?", one.text)
        if named is None:
            continue
        port = int(named[2]) if named[2] else None
        following = found[index + 1] if index + 1 < len(found) else None
        if port is None and following is not None and following.text.isdigit() and source.text[one.end : following.start].strip() == ",":
            port = int(following.text[:5])
        yield Dialled(named[1], port, TextPlace(source, one.start, one.end))

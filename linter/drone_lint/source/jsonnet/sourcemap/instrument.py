"""Programs that tell where their values come from: every object literal says which one it is.

Each literal gets one hidden field that appends the literal's own number; `+::` keeps all of them through `+`, `+:` and mixins. Members
of `std` that build objects anew, or show hidden fields, are replaced by ones that keep the numbers and hide the field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from drone_lint.source.jsonnet.engine.session import Job
from drone_lint.source.jsonnet.syntax.tokens import Structure

_KEY = "drone-lint: made by"

_LIBRARY = """
local real = std;
local std = real {
  local mark = %KEY%,
  local made(v) = if real.isObject(v) && real.objectHasAll(v, mark) then v[mark] else [],
  local marked(v, by) = if by == [] then v else v { [mark]:: by },
  local seen(names) = [k for k in names if k != mark],
  local filled(v) = if real.isObject(v) || real.isArray(v) then real.length(v) > 0 else v != null,
  objectFieldsAll(o):: seen(real.objectFieldsAll(o)),
  objectValuesAll(o):: [o[k] for k in seen(real.objectFieldsAll(o))],
  objectKeysValuesAll(o):: [{ key: k, value: o[k] } for k in seen(real.objectFieldsAll(o))],
  mapWithKey(func, obj):: marked(real.mapWithKey(func, obj), made(obj)),
  objectRemoveKey(obj, key):: marked({ [k]: obj[k] for k in real.objectFields(obj) if k != key }, made(obj)),
  prune(a)::
    local below = self.prune;
    if real.isArray(a) then [v for v in [below(e) for e in a] if filled(v)]
    else if real.isObject(a) then marked({ [k]: below(a[k]) for k in real.objectFields(a) if filled(below(a[k])) }, made(a))
    else a,
  mergePatch(target, patch)::
    local merged = self.mergePatch;
    local old = if real.isObject(target) then target else {};
    local left = [k for k in real.objectFields(old) if !real.objectHas(patch, k)];
    local new = [k for k in real.objectFields(patch) if patch[k] != null];
    if !real.isObject(patch) then patch
    else marked(
      { [k]: old[k] for k in left }
      + { [k]: merged(if real.objectHas(old, k) then old[k] else null, patch[k]) for k in new },
      made(old) + made(patch)
    ),
};
""".replace("\n", " ")

_WALK = """
local walk(v) =
  if std.isObject(v) then {
    i: if std.objectHasAll(v, %KEY%) then v[%KEY%] else [],
    f: { [k]: walk(v[k]) for k in std.objectFields(v) },
  }
  else if std.isArray(v) then [walk(e) for e in v]
  else v;
walk(
"""


def _with_key(text: str) -> str:
    return text.replace("%KEY%", json.dumps(_KEY))


def instrumented(text: str, shape: Structure, file: int) -> str:
    """The program with every object literal saying which one it is: `[file, number]`."""
    edits: list[tuple[int, str]] = []
    for number, literal in enumerate(shape.objects):
        mark = f'"{_KEY}"+:: [[{file}, {number}]]'
        if literal.comprehension:
            edits.append((literal.end, " {" + mark + "}"))
        else:
            edits.append((literal.start + 1, mark + ","))
    return _with_key(_LIBRARY) + apply(text, edits)


def walk_program(job: Job, texts: Mapping[str, str]) -> str:
    """A program that gives `{i: literals, f: fields}` for each object of what the job's program gives."""
    return _with_key(_WALK) + called(job._replace(source=texts[job.filename])) + "\n)"


def called(job: Job) -> str:
    """The program as an expression for its result: a top-level function is called as the server, or who gave arguments, would."""
    arguments = [f"{_name(key)}={json.dumps(value)}" for key, value in job.tla_str.items()]
    arguments += [f"{_name(key)}=({value})" for key, value in job.tla_code.items()]
    return f"local result = (\n{job.source}\n);\nif std.isFunction(result) then result({', '.join(arguments)}) else result"


def _name(key: str) -> str:
    return key if key.isidentifier() else "_"


def apply(text: str, edits: Iterable[tuple[int, str]]) -> str:
    """The text with insertions at offsets."""
    parts, at = [], 0
    for offset, inserted in sorted(edits, key=lambda edit: edit[0]):
        parts += [text[at:offset], inserted]
        at = offset
    return "".join([*parts, text[at:]])


# -- marks on names

_FIRST_MARK = 0xF0000
"""Private characters, one for each candidate: no function of `std` changes them."""
MARKS = 0xFFFD

_NAMES = """
local bare(s) = if std.isString(s) then std.join('', [c for c in std.stringChars(s) if std.codepoint(c) < 983040]) else s;
local below(v, k) =
  if std.isArray(v) || std.objectHas(v, k) then v[k]
  else local found = [n for n in std.objectFields(v) if bare(n) == k]; v[found[0]];
local value = (
"""


def mark(number: int) -> str:
    """The character that marks a candidate."""
    return chr(_FIRST_MARK + number)


def marks_in(text: str) -> tuple[str, list[int]]:
    """A text without its marks, and their numbers."""
    numbers = [ord(character) - _FIRST_MARK for character in text if ord(character) >= _FIRST_MARK]
    return "".join(character for character in text if ord(character) < _FIRST_MARK), numbers


def names_program(job: Job, paths: Sequence[Sequence[str | int]]) -> str:
    """A program that gives the names of the fields of objects at some paths, and nothing of their values."""
    looks = ", ".join(f"std.objectFields(std.foldl(below, {json.dumps(list(path), ensure_ascii=False)}, value))" for path in paths)
    return f"{_NAMES}{called(job)}\n);\n[{looks}]"

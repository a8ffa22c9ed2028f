"""Programs whose string literals carry marks that nothing notices: comparisons, lookups and the standard library look past them.

A literal gets one mark before its text and another behind it. Both are private characters; a text that the program makes of literals has their
marks around what came of each. Where a mark would change what a program does (`==`, `o[name]`, `std.length`), the program is given
`bare(...)` of the text; where a text is cut into pieces (`std.split`, `std.substr`), each piece keeps the marks that enclose it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drone_lint.source.jsonnet.syntax.tokens import COMMENT, IDENTIFIER, NUMBER, PREFIXES, PUNCTUATION, STRING, Token, tokenise

FIRST_BEGIN = 0xF0000
FIRST_END = 0x100000
MARKS = 0xFFFD
"""How many literals can have marks of their own: what a plane of private characters holds."""

_BARE = "drone_lint_bare"

_LIBRARY = """
local drone_lint_std = std;
local drone_lint_is_mark(c) = drone_lint_std.codepoint(c) >= 983040;
local drone_lint_text(s) = drone_lint_std.join('', [c for c in drone_lint_std.stringChars(s) if !drone_lint_is_mark(c)]);
local drone_lint_bare(v) =
  if drone_lint_std.isString(v) then drone_lint_text(v)
  else if drone_lint_std.isArray(v) then [drone_lint_bare(e) for e in v]
  else v;
local std =
  local real = drone_lint_std;
  local bare = drone_lint_bare;
  local cut(str, from, to) =
    local chars = real.stringChars(str);
    local at = [k for k in real.range(0, real.length(chars) - 1) if drone_lint_is_mark(chars[k])];
    local plain = bare(str);
    local stop = real.max(from, real.min(to, real.length(plain)));
    local clamp(n) = real.max(from, real.min(stop, n));
    local ends = [from] + [clamp(at[m] - m) for m in real.range(0, real.length(at) - 1)] + [stop];
    real.join('', [
      real.substr(plain, ends[m], ends[m + 1] - ends[m]) + (if m < real.length(at) then chars[at[m]] else '')
      for m in real.range(0, real.length(at))
    ]);
  local pieces(str, parts, gap) =
    local sizes = [real.length(part) for part in parts];
    local starts = real.foldl(function(all, size) all + [all[real.length(all) - 1] + size + gap], sizes, [0]);
    if bare(str) == str then parts
    else [cut(str, starts[n], starts[n] + sizes[n]) for n in real.range(0, real.length(parts) - 1)];
  local stripped(str, left, both) =
    local first = real.length(bare(str)) - real.length(left);
    cut(str, first, first + real.length(both));
  { [name]: real[name] for name in real.objectFieldsAll(real) } + {
    length(x):: if real.isString(x) then real.length(bare(x)) else real.length(x),
    isEmpty(str):: bare(str) == '',
    substr(str, from, len):: if real.isString(str) then cut(str, from, from + len) else real.substr(str, from, len),
    split(str, c):: pieces(str, real.split(bare(str), bare(c)), real.length(bare(c))),
    splitLimit(str, c, maxsplits):: pieces(str, real.splitLimit(bare(str), bare(c), maxsplits), real.length(bare(c))),
    strReplace(str, from, to):: real.strReplace(str, bare(from), to),
    stripChars(str, chars):: stripped(str, real.lstripChars(bare(str), bare(chars)), real.stripChars(bare(str), bare(chars))),
    lstripChars(str, chars):: local left = real.lstripChars(bare(str), bare(chars)); stripped(str, left, left),
    rstripChars(str, chars):: stripped(str, bare(str), real.rstripChars(bare(str), bare(chars))),
    trim(str):: stripped(str, real.lstripChars(bare(str), ' \\t\\n\\f\\r\\u0085\\u00a0'), real.trim(bare(str))),
    startsWith(a, b):: real.startsWith(bare(a), bare(b)),
    endsWith(a, b):: real.endsWith(bare(a), bare(b)),
    findSubstr(pat, str):: real.findSubstr(bare(pat), bare(str)),
    equalsIgnoreCase(str1, str2):: real.equalsIgnoreCase(bare(str1), bare(str2)),
    objectHas(o, f):: real.objectHas(o, bare(f)),
    objectHasAll(o, f):: real.objectHasAll(o, bare(f)),
    objectHasEx(obj, fname, hidden):: real.objectHasEx(obj, bare(fname), hidden),
    objectRemoveKey(obj, key):: real.objectRemoveKey(obj, bare(key)),
    get(o, f, default=null, inc_hidden=true)::
      if (if inc_hidden then real.objectHasAll(o, bare(f)) else real.objectHas(o, bare(f))) then o[bare(f)] else default,
    member(arr, x):: real.member(bare(arr), bare(x)),
    contains(arr, elem):: real.contains(bare(arr), bare(elem)),
    count(arr, x):: real.count(bare(arr), bare(x)),
    find(value, arr):: real.find(bare(value), bare(arr)),
    sort(arr, keyF=function(x) x):: real.sort(arr, function(x) bare(keyF(x))),
    uniq(arr, keyF=function(x) x):: real.uniq(arr, function(x) bare(keyF(x))),
    set(arr, keyF=function(x) x):: real.set(arr, function(x) bare(keyF(x))),
    setMember(x, arr, keyF=function(x) x):: real.setMember(x, arr, function(x) bare(keyF(x))),
    setUnion(a, b, keyF=function(x) x):: real.setUnion(a, b, function(x) bare(keyF(x))),
    setInter(a, b, keyF=function(x) x):: real.setInter(a, b, function(x) bare(keyF(x))),
    setDiff(a, b, keyF=function(x) x):: real.setDiff(a, b, function(x) bare(keyF(x))),
    parseInt(str):: real.parseInt(bare(str)),
    parseOctal(str):: real.parseOctal(bare(str)),
    parseHex(str):: real.parseHex(bare(str)),
    parseJson(str):: real.parseJson(bare(str)),
    parseYaml(str):: real.parseYaml(bare(str)),
    encodeUTF8(str):: real.encodeUTF8(bare(str)),
    base64(input):: real.base64(bare(input)),
    base64Decode(str):: real.base64Decode(bare(str)),
    md5(s):: real.md5(bare(s)),
    sha1(str):: real.sha1(bare(str)),
    sha256(str):: real.sha256(bare(str)),
    sha3(str):: real.sha3(bare(str)),
    sha512(str):: real.sha512(bare(str)),
    codepoint(str):: real.codepoint(bare(str)),
    extVar(x):: real.extVar(bare(x)),
    native(x):: real.native(bare(x)),
    assertEqual(a, b):: real.assertEqual(bare(a), bare(b)),
  };
""".replace("\n", " ")


def marks(number: int) -> tuple[str, str]:
    """The characters before and behind the text of a literal."""
    return chr(FIRST_BEGIN + number), chr(FIRST_END + number)


def prelude() -> str:
    """What stands before a program with marks: the standard library that looks past them."""
    return _LIBRARY


def bare_edits(text: str) -> list[tuple[int, str]]:
    """Insertions that have comparisons, lookups and computed names see texts without marks."""
    tokens = [token for token in tokenise(text) if token.kind != COMMENT]
    partner = _partners(tokens)
    found: list[tuple[int, str]] = []
    for start, end in (*_operands(tokens, partner), *_looked_up(tokens, partner)):
        if 0 <= start <= end < len(tokens):
            found += [(tokens[start].start, f"{_BARE}("), (tokens[end].end, ")")]
    return found


def _partners(tokens: Sequence[Token]) -> dict[int, int]:
    """Index of the closing bracket by that of the opening one, and the other way round."""
    opened: list[int] = []
    partner: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token.kind != PUNCTUATION:
            continue
        if token.text in ("(", "[", "{"):
            opened.append(index)
        elif token.text in (")", "]", "}") and opened:
            partner[index] = opened[-1]
            partner[opened.pop()] = index
    return partner


_COMPARING = frozenset(("==", "!=", "<", ">", "<=", ">="))
_LOOSER = frozenset(("&&", "||", "&", "^", "|"))
_AROUND = frozenset((",", ";", ":", "::", ":::", "+:", "+::", "+:::", "="))
_WORDS = frozenset(("if", "then", "else", "assert", "for", "in", "local", "function", "error"))


def _ends_operand(token: Token) -> bool:
    if token.kind == IDENTIFIER:
        return token.text in _WORDS
    return token.kind == PUNCTUATION and (token.text in _COMPARING or token.text in _LOOSER or token.text in _AROUND)


def _operands(tokens: Sequence[Token], partner: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Both sides of comparisons, and the name before `in`; without a side that is an expression of words (`if`, `local`)."""
    for index, token in enumerate(tokens):
        if token.kind == PUNCTUATION and token.text in _COMPARING:
            start, end = _left_start(tokens, partner, index), _right_end(tokens, partner, index)
            if _is_no_text(tokens[start:index]) or _is_no_text(tokens[index + 1 : end + 1]):
                continue
            yield start, index - 1
            if end > index:
                yield index + 1, end
        elif token.kind == IDENTIFIER and token.text == "in" and index > 1 and tokens[index - 2].text != "for":
            yield _left_start(tokens, partner, index), index - 1


def _is_no_text(operand: Sequence[Token]) -> bool:
    """Whether an operand is a number, `true`, `false` or `null`."""
    return len(operand) == 1 and (operand[0].kind == NUMBER or operand[0].text in ("true", "false", "null"))


def _left_start(tokens: Sequence[Token], partner: dict[int, int], index: int) -> int:
    at = index - 1
    while at >= 0 and not _ends_operand(tokens[at]):
        if tokens[at].text in (")", "]", "}") and tokens[at].kind == PUNCTUATION:
            at = partner.get(at, at)
        elif tokens[at].text in ("(", "[", "{") and tokens[at].kind == PUNCTUATION:
            break
        at -= 1
    return at + 1


def _right_end(tokens: Sequence[Token], partner: dict[int, int], index: int) -> int:
    at = index + 1
    while at < len(tokens) and not _ends_operand(tokens[at]):
        token = tokens[at]
        if token.kind == IDENTIFIER and token.text in PREFIXES:
            return -1
        if token.kind == PUNCTUATION and token.text in ("(", "[", "{"):
            at = partner.get(at, at)
        elif token.kind == PUNCTUATION and token.text in (")", "]", "}"):
            break
        at += 1
    return -1 if at < len(tokens) and tokens[at].kind == IDENTIFIER and tokens[at].text in PREFIXES - {"if"} else at - 1


def _looked_up(tokens: Sequence[Token], partner: dict[int, int]) -> Iterator[tuple[int, int]]:
    """What stands in the brackets of `value[name]` and of `{ [name]: value }`; slices are left out."""
    for index, token in enumerate(tokens):
        close = partner.get(index, -1)
        if token.kind != PUNCTUATION or token.text != "[" or close - index < 2 or index == 0:
            continue
        before, after = tokens[index - 1], tokens[close + 1].text if close + 1 < len(tokens) else ""
        named = before.text in ("{", ",") and before.kind == PUNCTUATION and after in _AROUND - {",", ";", "="}
        if named or (_is_value(before) and not _is_slice(tokens, partner, index, close)):
            yield index + 1, close - 1


def _is_value(token: Token) -> bool:
    """Whether an expression can end with a token."""
    if token.kind == PUNCTUATION:
        return token.text in (")", "]", "}", "$")
    return token.kind == STRING or (token.kind == IDENTIFIER and token.text not in _WORDS | PREFIXES)


def _is_slice(tokens: Sequence[Token], partner: dict[int, int], index: int, close: int) -> bool:
    at = index + 1
    while at < close:
        if tokens[at].kind == PUNCTUATION and tokens[at].text in (":", "::"):
            return True
        at = partner.get(at, at) + 1 if tokens[at].text in ("(", "[", "{") else at + 1
    return False

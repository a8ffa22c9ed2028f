"""What the shell reader makes of scripts: the programs that run, whatever holds them."""

from __future__ import annotations

import pytest

from drone_lint.api import Document, SourceFile
from drone_lint.model.node import from_data
from drone_lint_rules.shell import script_of
from drone_lint_rules.shell.parser import parse

PROGRAMS = [
    ("cat <<EOF\na $(b c)\nEOF\nd", "cat b d"),
    ("cat <<'EOF' | sh\nfoo\nEOF\nbar", "cat sh foo bar"),
    ("a <<A <<B; b\n1\nA\n2\nB\nc", "a b c"),
    ("cat <<-E\n\tx\n\tE\ny", "cat y"),
    ('echo $(echo `date` "$(id -u)")', "echo echo date id"),
    ("case $x in a|b) foo;; (c) bar ;& *) baz;; esac; q", "foo bar baz q"),
    ("case x in\n  a) ;;\n  esac\nz", "z"),
    ("f() { g; }; function h { i; }; f", "g i f"),
    ("f() ( g )\nx", "g x"),
    ("a=(1 $(b) 'c d'); e", "b e"),
    ("a+=(x)\nb", "b"),
    ("declare -A m=([a]=1 [b]=2); c", "declare c"),
    ("[[ $x =~ ^(a|b)$ && -n $y ]] && z", "[[ z"),
    ("[[ ! ( $a < $b ) ]] || q", "[[ q"),
    ("diff <(a) >(b) 2>&1 | c", "diff a b c"),
    ("a # b; c\nd", "a d"),
    ("a\\\n b \\\n | c", "a c"),
    ("echo a#b $#; d", "echo d"),
    ("x=$'it\\'s' y", "y"),
    ('echo "a `b \\"c\\"` d"; e', "echo b e"),
    ("if a; then b; elif c; then d; else e; fi", "a b c d e"),
    ("while read -r l; do a; done < f | b", "read a b"),
    ("for ((i=0;i<3;i++)); do a; done; b", "a b"),
    ("for x in a b; { c; }", "c"),
    ("for x; do c; done", "c"),
    ("until a\ndo b\ndone", "a b"),
    ("(( x++ )) || a", "a"),
    ("echo $((1 + $(a) )) ; b", "echo a b"),
    ("echo $( (a); b )", "echo a b"),
    ("! a | b & c", "a b c"),
    ("a && { b; c; } > d || (e; f)", "a b c e f"),
    ("time a | b", "a b"),
    ("coproc a; b", "a b"),
    ("a |& b", "a b"),
    (">out a 2>/dev/null <in b", "a"),
    ("A=1 B=$(c) d", "c d"),
    ("sh -c 'a; b \"$x\"'", "sh a b"),
    ('eval "a $(b)"', "eval a b"),
    ("if [ -f x ]; then\n  a\nfi", "[ a"),
    ("{ a; } 2>&1 | tee b", "a tee"),
    ('echo ${x:-$(a)} ${y%%"}"}; b', "echo a b"),
    ('echo "${x:-"a b"}"; c', "echo c"),
    ("a;b;;c", "a b c"),
    ("select x in a; do b; done", "b"),
    ("cat << E\\OF\n$(x)\nEOF\ny", "cat y"),
    ("echo 'a'\"b\"$'c'$\"d\"; e", "echo e"),
    ("a() { cat <<E\nx\nE\n}\nb", "cat b"),
    ("x=`a | b`; c", "a b c"),
    ("[ a ] && b || c", "[ b c"),
    ("echo {a,b}{1..3}; c", "echo c"),
    ("a 2>&1 >&2 &>x <&- b; c", "a c"),
    ('a <<< "$(b)"; c', "a b c"),
    ("cat <<E; a\n`b`\nE\nc", "cat a b c"),
    ("if a\nthen b;fi;c", "a b c"),
    ("case $(a) in x) b;; esac", "a b"),
    ("for x in $(a); do b; done", "a b"),
    ("echo $(case x in x) a;; esac)", "echo a"),
    ("test $# -gt 0", "test"),
    ('"a b" c', "a_b"),
    ("$x y; z", "$x z"),
    ("a='b c' d\\ e f", "d_e"),
    ("echo a >b; >c; d", "echo d"),
    ("function a() { b; }; c", "b c"),
    ("a\r\nb\r\n", "a b"),
    ("alias x='y'; z", "alias z"),
    ("trap 'a; b' EXIT; c", "trap a b c"),
    ("let x=1+2; a", "let a"),
    ('export A="$(b)" C; d', "export b d"),
    ("exec 3<>f; a >&3; exec 3>&-", "exec a exec"),
    ("a \\\n# c\nb", "a b"),
]


@pytest.mark.parametrize(("script", "programs"), PROGRAMS)
def test_the_programs_of_a_script_are_found(script: str, programs: str) -> None:
    read = parse(script)
    found = [command.program.replace(" ", "_") for command in read.commands if command.words]
    assert sorted(found) == sorted(programs.split())
    assert read.complete


@pytest.mark.parametrize(
    "script", ["'a", '"a', "`a", "$(a", "(a", "{ a", "if a; then b", "case a in b) c", "[[ a", "a <<E\nb", "${a", "$'a", "for x in a; do b"]
)
def test_what_is_never_closed_is_told(script: str) -> None:
    assert not parse(script).complete


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("./build.sh", True),
        ("cd x && scripts/build", True),
        ("CI=1 ./build", True),
        ("bash -e build.sh", True),
        ("env -i A=b /opt/tool", True),
        ("if ./check; then echo; fi", True),
        ("x=$(./tool)", True),
        ("timeout 30 ./tool", True),
        (". ./env", True),
        ("'./build.sh' x", True),
        ("$DIR/build", True),
        ("find . | xargs -n1 ./x", True),
        ("go test ./...", False),
        ("go run ./tools/report --service 1", False),
        ("npm run lint -- src/", False),
        ("cat a/b | grep -v c/d", False),
        ("tar -C / -xf x.tar", False),
    ],
)
def test_calls_of_files_are_told_without_parsing(text, calls):
    data = {"kind": "pipeline", "steps": [{"name": "a", "commands": [text]}]}
    document = Document(0, from_data(data), None, SourceFile("x", ""))  # type: ignore[arg-type]
    assert script_of(document.pipeline.steps[0]).calls_files is calls

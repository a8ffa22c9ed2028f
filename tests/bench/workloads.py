"""Files to measure with: made, so that everybody measures the same."""

from __future__ import annotations

from pathlib import Path

_STEP = """\
- name: {kind}-{number}
  image: golang:1.22.{minor}
  environment:
    CGO_ENABLED: "0"
    TARGET: {kind}-{number}
  commands:
  - go vet ./{kind}/{number}/...
  - go test -race -coverprofile=cover-{number}.out ./{kind}/{number}/...
  - if [ -f report-{number}.xml ]; then cat report-{number}.xml | tail -n 20; fi
  depends_on: [{before}]
  when:
    event: [push, pull_request]
"""


def pipeline(name: str, steps: int) -> str:
    """A clean pipeline of so many steps, 13 lines each."""
    head = f"kind: pipeline\ntype: docker\nname: {name}\n\ntrigger:\n  branch: [main]\n\nsteps:\n"
    before, parts = "clone", [head]
    for number in range(steps):
        kind = ("build", "test", "lint")[number % 3]
        parts.append(_STEP.format(kind=kind, number=number, minor=number % 9, before=before))
        before = f"{kind}-{number}"
    return "".join(parts)


def program(name: str, steps: int) -> str:
    """A clean Jsonnet program of so many steps, made by functions, locals and mixins as people write them."""
    lines = [
        "local images = { go: 'golang:1.22.4', node: 'node:20.11.1' };",
        "local onPush = { when: { event: ['push', 'pull_request'] } };",
        "local step(name, image, commands) = { name: name, image: image, commands: commands };",
        "local test(name, path) = step('test-' + name, images.go, ['go vet ' + path, 'go test -race %s' % path]) + onPush;",
        "",
        "[",
        "  {",
        "    kind: 'pipeline',",
        "    type: 'docker',",
        f"    name: '{name}',",
        "    trigger: { branch: ['main'] },",
        "    steps: [",
    ]
    lines += [
        f"      test('{number}', './pkg/{number}/...') + {{ environment: {{ TARGET: 't-{number}', CGO_ENABLED: '0' }} }},"
        for number in range(steps)
    ]
    return "\n".join([*lines, "    ],", "  },", "]", ""])


def repository(folder: Path, files: int) -> None:
    """A repository with so many configurations of 4 to 12 steps, a third of them Jsonnet, one in ten with a finding."""
    (folder / ".git").mkdir(parents=True)
    for number in range(files):
        place = folder / f"service-{number:04}"
        place.mkdir()
        steps = 4 + number % 9
        if number % 3 == 0:
            (place / ".drone.jsonnet").write_text(program(f"s{number}", steps), encoding="utf-8")
        else:
            text = pipeline(f"s{number}", steps)
            if number % 10 == 1:
                text = text.replace("  when:", "  privileged: true\n  when:", 1)
            (place / ".drone.yml").write_text(text, encoding="utf-8")

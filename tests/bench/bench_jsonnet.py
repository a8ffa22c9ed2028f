"""What Jsonnet costs: many files in one run, and one small file as a whole process, beside what the engines alone need.

python tests/bench/bench_jsonnet.py [--files N] [--repeat N]

Prints seconds and ratios. Byte code must be written before (any run does so, unless PYTHONDONTWRITEBYTECODE is set).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLEAN = ROOT / "examples" / "clean" / ".drone.jsonnet"

_PROGRAM = """\
// Builds, tests and publishes service {number}.
local goImage = 'golang:1.23.4';
local nodeImage = 'node:20.11.1';
local helmImage = 'alpine/helm:3.16.2';
local platforms = ['amd64', 'arm64'];

local secret(name) = {{ from_secret: name }};
local onTags = {{ ref: ['refs/tags/v*'] }};
local goCaches = [{{ name: 'modules', path: '/go' }}, {{ name: 'build', path: '/root/.cache' }}];

local step(name, image, commands) = {{
  name: name,
  image: image,
  commands: commands,
}};

local go(name, commands) = step(name, goImage, commands) {{
  environment: {{ CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', SERVICE: 'service-{number}' }},
  volumes: goCaches,
}};

local frontend(name, commands) = step(name, nodeImage, ['cd web'] + commands) {{
  environment+: {{ CI: 'true' }},
}};

local base(name, os, arch) = {{
  kind: 'pipeline',
  type: 'docker',
  name: name + '-' + arch,
  platform: {{ os: os, arch: arch }},
  workspace: {{ path: '/drone/src' }},
}};

local caches = {{
  volumes: [
    {{ name: 'modules', temp: {{}} }},
    {{ name: 'build', temp: {{}} }},
  ],
}};

local test(arch) = base('test', 'linux', arch) + caches {{
  trigger: {{ event: ['push', 'pull_request'] }},
  steps: [
    go('modules', ['go mod download', 'go mod verify']),
    go('vet', ['go vet ./...']) + {{ depends_on: ['modules'] }},
    go('unit', ['go test -count=1 ./service{number}/...']) + {{ depends_on: ['modules'] }},
    go('integration', [
      'go test -count=1 -tags integration ./service{number}/...',
      'go run ./tools/report --service {number}',
    ]) + {{ depends_on: ['modules', 'database'], environment+: {{ DATABASE: 'postgres://tests@database/tests' }} }},
    frontend('web-install', ['npm ci']),
    frontend('web-lint', ['npm run lint']) + {{ depends_on: ['web-install'] }},
    frontend('web-test', ['npm run test -- --ci']) + {{ depends_on: ['web-install'] }},
  ],
  services: [
    {{
      name: 'database',
      image: 'postgres:16.4',
      environment: {{ POSTGRES_USER: 'tests', POSTGRES_HOST_AUTH_METHOD: 'trust' }},
    }},
  ],
}};

local package(arch) = base('package', 'linux', arch) + caches {{
  trigger: onTags {{ event: ['tag'] }},
  depends_on: ['test-amd64'],
  steps: [
    go('build', ['go build -trimpath -o dist/%s/service-{number} ./service{number}' % arch]),
    go('sums', |||
      cd dist/%s
      sha256sum service-{number} > SHA256SUMS
    ||| % arch) + {{
      commands: std.split(std.stripChars(super.commands, '\\n'), '\\n'),
      depends_on: ['build'],
    }},
    {{
      name: 'upload',
      image: 'amazon/aws-cli:2.17.0',
      environment: {{ AWS_ACCESS_KEY_ID: secret('uploads_key'), AWS_SECRET_ACCESS_KEY: secret('uploads_secret') }},
      commands: ['aws s3 sync dist/ "s3://releases/service-{number}/"'],
      depends_on: ['sums'],
    }},
  ],
}};

local deploy(environment, needs) = base('deploy-' + environment, 'linux', 'amd64') {{
  trigger: onTags {{ event: ['tag'] }},
  depends_on: needs,
  steps: [
    step('chart', helmImage, ['helm lint "charts/service-{number}"', 'helm package "charts/service-{number}"']),
    step('upgrade', helmImage, ['helm upgrade --install "service-{number}" ./*.tgz --namespace ' + environment]) {{
      environment: {{ KUBECONFIG_CONTENT: secret('kubeconfig_' + environment) }},
      depends_on: ['chart'],
    }},
  ],
}};

[test('amd64')]
+ [package(arch) for arch in platforms]
+ [deploy('staging', ['package-' + arch for arch in platforms])]
"""

_ALONE = """
import sys, time
from {module} import evaluate_snippet
texts = [(path, open(path, encoding="utf-8").read()) for path in sys.argv[1:]]
start = time.perf_counter()
for path, text in texts:
    evaluate_snippet(path, text)
print(time.perf_counter() - start, time.process_time())
"""


def write_programs(folder: Path, count: int) -> list[str]:
    """Programs without findings, of 97 lines and 300 values: the mean of 253 real ones is 240, each in a folder of its own."""
    paths = []
    for number in range(count):
        path = folder / f"service{number}" / ".drone.jsonnet"
        path.parent.mkdir()
        path.write_text(_PROGRAM.format(number=number), encoding="utf-8")
        paths.append(str(path.relative_to(folder)))
    return paths


def seconds(command: Sequence[str], folder: Path) -> float:
    """How long a whole process takes."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode or done.stdout:
        sys.exit(f"{command[:6]} ended with {done.returncode}:\n{done.stdout[:3000]}{done.stderr[:3000]}")
    return time.perf_counter() - start


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def alone(module: str, paths: Sequence[str], folder: Path) -> tuple[float, float]:
    """Seconds that an engine needs for all files in one process, its start aside; and processor time."""
    command = [sys.executable, "-c", _ALONE.format(module=module), *paths]
    shown = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env=_environment()).stdout
    wall, spent = map(float, shown.split())
    return wall, spent


def processor(command: Sequence[str], folder: Path) -> float:
    """Seconds of processor time of a process and all that it starts: other work on the machine matters less to these."""
    before = os.times()
    seconds(command, folder)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def best(times: int, measure: object) -> float:
    """The least of some measurements: what the machine's other work does not lengthen."""
    return min(measure() for _ in range(times))  # type: ignore[operator]


def bulk(folder: Path, count: int, repeat: int) -> None:
    """Many files in one run, start-up aside, beside the engines alone."""
    paths = write_programs(folder, count)
    lint = [sys.executable, "-m", "drone_lint", "--isolated", "--no-cache", "--quiet"]
    whole = best(repeat, lambda: seconds([*lint, *paths], folder))
    one = best(repeat, lambda: seconds([*lint, paths[0]], folder))
    fast = best(repeat, lambda: alone("rjsonnet", paths, folder)[0])
    arbiter, arbiter_spent = alone("_jsonnet", paths, folder)
    ours = whole - one
    print(f"{count} files: drone-lint {ours:.2f} s (and {one:.2f} s start-up), rjsonnet alone {fast:.2f} s, jsonnet alone {arbiter:.2f} s")
    spent = processor([*lint, *paths], folder) - processor([*lint, paths[0]], folder)
    print(
        f"  processor time {spent:.2f} s, {spent / count * 1000:.1f} ms a file, on {os.cpu_count()} cores; jsonnet alone {arbiter_spent:.2f} s"
    )
    print(f"  {ours / fast:.1f} times rjsonnet alone (at most 10); 1/{arbiter / ours:.1f} of jsonnet alone (at most 1/10)")


def small(folder: Path, repeat: int) -> None:
    """One small file as a whole process."""
    shutil.copy(CLEAN, folder / "small.drone.jsonnet")
    lint = [sys.executable, "-m", "drone_lint", "--isolated", "--no-cache", "--quiet", "small.drone.jsonnet"]
    imports = [sys.executable, "-c", "import typer, yaml"]
    ours, theirs = [], []
    for _ in range(repeat * 5):  # in turns, so that both meet the same weather
        ours.append(seconds(lint, folder))
        theirs.append(seconds(imports, folder))
    print(f"one small file: {min(ours):.3f} s, `import typer, yaml` {min(theirs):.3f} s")
    print(f"  {min(ours) / min(theirs):.2f} times (at most 1.6)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        small(Path(name), options.repeat)
        bulk(Path(name), options.files, options.repeat)


if __name__ == "__main__":
    main()

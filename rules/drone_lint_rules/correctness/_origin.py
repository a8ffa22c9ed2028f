"""Which system a file is written for that has no `kind`: told by keys that only that system has at the top of its files.

General knowledge of these, not read line by line: docs.drone.io 0.4 and 0.8, woodpecker-ci.org workflow syntax, and the keyword references of GitHub Actions, GitLab CI, CircleCI, Travis CI,
Bitbucket Pipelines, Azure Pipelines and Docker Compose.
"""

from __future__ import annotations

from drone_lint.api import Value

_PIPELINE = frozenset(("type", "name", "platform", "trigger", "clone", "workspace", "node", "concurrency", "image_pull_secrets"))
_OF_GITLAB = frozenset(("script", "stage", "before_script", "extends", "rules", "artifacts"))
_OF_DRONE_04 = ("build", "publish", "deploy", "notify", "compose")


def origin(document: Value) -> str:
    """The system's name; `Drone` where only `kind` seems to have been forgotten; empty where there is no telling."""
    keys = {key for key, _ in document.items()}
    if "pipeline" in keys:
        return "Drone 0.8"
    jobs = document.get("jobs")
    if jobs is not None:
        return _of_jobs(jobs, keys)
    if "pipelines" in keys:
        return "Bitbucket Pipelines"
    if "language" in keys and keys & {"script", "install", "before_install", "before_script", "jdk", "go", "node_js", "python", "rvm"}:
        return "Travis CI"
    steps = document.get("steps")
    if steps is not None:
        return _of_steps(steps, keys)
    if "stages" in keys or any(value.is_map and _OF_GITLAB & {key for key, _ in value.items()} for _, value in document.items()):
        return "GitLab CI"
    if any(_is_old_step(document.get(key)) for key in _OF_DRONE_04):
        return "Drone 0.4"
    services = document.get("services")
    if services is not None and services.is_map and not keys & _PIPELINE - {"name"}:
        return "Docker Compose"
    return "Drone" if keys & {"type", "trigger"} else ""


def _of_jobs(jobs: Value, keys: set[str]) -> str:
    if keys & {"workflows", "orbs", "executors"}:
        return "CircleCI"
    if jobs.is_list or "pool" in keys:
        return "Azure Pipelines"
    inside = {key for _, job in jobs.items() for key, _ in job.items()}
    if inside & {"docker", "machine", "executor"} and "runs-on" not in inside:
        return "CircleCI"
    return "GitHub Actions"


def _of_steps(steps: Value, keys: set[str]) -> str:
    inside = {key for step in (steps if steps.is_list else (value for _, value in steps.items())) for key, _ in step.items()}
    if inside & {"uses", "with"}:
        return "GitHub Actions"
    if inside & {"task", "displayName", "bash", "powershell"} or "pool" in keys:
        return "Azure Pipelines"
    if steps.is_map or keys & {"when", "labels", "skip_clone", "runs_on", "matrix", "variables"}:
        return "Woodpecker"
    return "Drone"


def _is_old_step(value: Value | None) -> bool:
    """Whether a section is a step, or holds plugins by their names, as those of Drone 0.4 do."""
    return value is not None and value.is_map and (value.get("image") is not None or any(below.is_map for _, below in value.items()))

"""Which tags move, and in whose eyes: one row a tag."""

from __future__ import annotations

import pytest

from drone_lint.settings import ImageSettings, Settings
from drone_lint.source.load import load
from drone_lint_rules.supply_chain.floating_image_tag import FloatingImageTag

_DIGEST = "@sha256:" + "0" * 64


def floats(image: str, settings: Settings) -> bool:
    text = f"kind: pipeline\ntype: docker\nname: a\nsteps:\n- name: a\n  image: '{image}'\n"
    return any(FloatingImageTag(settings).check_file(load(text.encode(), ".drone.yml", settings)))


@pytest.mark.parametrize(
    "image",
    [
        "golang",
        "docker.io/library/golang",
        "localhost:5000/x",
        "localhost/x",
        "golang:latest",
        "index.docker.io/library/golang:LATEST",
        "registry.example.com:5000/a/b:edge",
        "debian:sid",
        "acme/a:develop",
        "node:lts-alpine",
        "node:lts-alpine3.20",
        "hadolint/hadolint:latest-debian",
        "acme/a:latest_amd64",
        "acme/a:main-linux-arm64",
        "mcr.microsoft.com/mssql/server:2017-latest",
        "alpine:20-edge",
        "registry.example.com/${DRONE_REPO_NAME}:latest",
        "${REGISTRY}/golang",
        "golang:alpine",
        "docker:dind",
        "plugins/docker:linux-arm",
        "node:bookworm-slim",
        "rabbitmq:management",
        "gcr.io/kaniko-project/executor:debug",
    ],
)
def test_a_moving_tag_is_found_in_every_profile(image: str):
    assert floats(image, Settings())


@pytest.mark.parametrize("image", ["golang:1", "docker:27", "acme/a:v3", "mcr.microsoft.com/mssql/server:2022"])
def test_a_bare_major_is_found_by_the_pedantic_profile_and_by_name(image: str):
    assert not floats(image, Settings())
    assert floats(image, Settings(profile="pedantic"))
    assert floats(image, Settings(select=("floating-image-tag",)))


@pytest.mark.parametrize(
    "image",
    [
        "golang:1.22",
        "localhost:5000/x:1.2",
        "golang:1.22-alpine",
        "node:20-lts",
        "golang:20240101",
        "golang:2024-01-01",
        "golang:2.0.0-beta",
        "golang:1.22.0-edge",
        "acme/a:stable-346",
        "acme/a:nightly-20240101",
        "acme/a:main-3f9c2b1",
        "acme/a:latest-v2",
        "acme/a:pr-12",
        "acme/a:maintenance",
        "golang" + _DIGEST,
        "golang:latest" + _DIGEST,
        "golang:${DRONE_TAG}",
        "golang:${TAG:-latest}",
        "${IMAGE}",
    ],
)
def test_a_tag_that_stays_or_is_not_known_is_left_alone(image: str):
    assert not floats(image, Settings(profile="pedantic"))


def test_more_tags_come_from_the_configuration_as_patterns():
    settings = Settings(images=ImageSettings(moving_tags=("CI", "build-*")))
    assert floats("acme/a:ci", settings)
    assert floats("acme/a:Build-7", settings)
    assert not floats("acme/a:ci-7", settings)


@pytest.mark.parametrize(
    "image",
    ["scratch", "debian:bookworm", "ubuntu:jammy", "acme/base:bookworm", "golang:1.22-alpine", "acme/a:alpine-build", "docker:27.3.1-dind"],
)
def test_a_release_and_a_variant_of_a_version_do_not_move(image: str):
    assert not floats(image, Settings())

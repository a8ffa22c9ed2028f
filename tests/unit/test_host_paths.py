"""Where paths of the host lead: one row a spelling."""

from __future__ import annotations

import pytest

from drone_lint.semantics.host_path import clean_host_path, socket_of
from drone_lint_rules.host import is_sensitive


@pytest.mark.parametrize(
    "path",
    [
        "/var/run/docker.sock",
        "/var/run/../run/docker.sock",
        "//var//run/./docker.sock/",
        "/VAR/RUN",
        "/var/run/",
        "/run",
        "/run/.",
        "/var",
        "/",
        "/..",
        " /run/docker.sock ",
        "/run/containerd",
        "/run/k3s",
        "/run/crio/crio.sock",
        "/var/run/cri-dockerd.sock",
        "/var/run/docker.sock.raw",
        "/run/user/1000/docker.sock",
        "/run/user/1000/podman",
        "/home/ci/.docker/run/docker.sock",
        "/srv/proxy/docker.sock",
        "/var/snap/lxd/common/lxd/unix.socket",
        r"\\.\pipe\docker_engine",
        r"\\\\.\\pipe\\docker_engine",
        r"\.\pipe\docker_engine",
        "//./pipe/docker_engine",
        "//./PIPE/Docker_Engine",
        r"\\?\pipe\docker_engine",
        "//./pipe/dockerDesktopLinuxEngine",
        "//./pipe/podman-machine-default",
    ],
)
def test_a_path_that_is_or_holds_an_engines_socket_leads_to_it(path: str):
    assert socket_of(path) is not None


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "var/run/docker.sock",
        "/var/run/docker.sock.d",
        "/run/secrets",
        "/var/running",
        "/runner",
        "/srv/docker.socket",
        "//./pipe/other",
        "C:\\",
        "C:\\run",
        "/var/lib",
    ],
)
def test_a_path_beside_the_sockets_leads_to_none(path: str):
    assert socket_of(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "/etc",
        "/ETC/",
        "/etc/docker/daemon.json",
        "/home",
        "/boot/",
        "/root/.cache",
        "/usr/bin/docker",
        "/usr/local/bin",
        "/usr",
        "/lib",
        "/lib/modules/6.1",
        "/proc/1/root",
        "/srv/../sys/fs/cgroup",
        "/dev",
        "/mnt/data",
        "/media/x",
        "/var/lib",
        "/var/lib/kubelet/pods",
        "/var/run/secrets",
        "~",
        "~/.ssh",
        "/home/ci/.ssh/id_ed25519",
        "/home/ci/.kube",
        "C:\\",
        "c:/ProgramData/docker/volumes",
        "C:\\Windows\\System32",
    ],
)
def test_a_path_that_decides_over_the_host_is_sensitive(path: str):
    assert is_sensitive(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "etc",
        "./etc",
        "/etc/ssl/certs",
        "/etcd",
        "/home/ci/cache",
        "/home/ci/.sshd",
        "/homes",
        "/rooted",
        "/binary",
        "/usr/share/zoneinfo",
        "/usr/bin-old",
        "/var/lib/dockerx",
        "/var/cache/go",
        "/opt/mnt",
        "/srv",
        "~/cache",
        "D:\\cache",
    ],
)
def test_a_path_near_a_sensitive_one_is_not(path: str):
    assert not is_sensitive(path)


def test_a_cleaned_path_keeps_its_drive_and_loses_its_detours():
    assert clean_host_path("C:\\A\\..\\B\\") == "c:/b"
    assert clean_host_path("//Var//./run/../x") == "/var/x"


@pytest.mark.parametrize(
    "path", ["/srv/ci/.ssh", "/var/lib/jenkins/.docker/", "/data/x/.kube/config", "/opt/ci/.aws", "/nix", "/nix/store"]
)
def test_a_path_with_keys_is_sensitive_wherever_it_is(path: str):
    assert is_sensitive(path)


@pytest.mark.parametrize("path", ["/srv/ssh", "/srv/.docker-cache", "/srv/x.ssh", "/srv/.ssh-old", "/nixos"])
def test_a_path_that_only_sounds_like_keys_is_not(path: str):
    assert not is_sensitive(path)

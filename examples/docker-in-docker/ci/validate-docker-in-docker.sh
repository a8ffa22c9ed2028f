#!/bin/bash
# Tries what the integration tests do with Docker.

fails() {
  echo "does not work: $1"
  exit 1
}

daemon() {
  docker info >/dev/null || fails "the daemon"
  docker run --rm hello-world >/dev/null || fails "running a container"
}

project() {
  docker build -t engine-test -f build/engine.Dockerfile . >/dev/null || echo "the engine does not build here"
  if command -v docker-compose >/dev/null; then
    docker-compose -f build/docker-compose-test.yml config --quiet || fails "the compose file"
  fi
}

daemon
project

// Integration tests that start containers through the host's Docker daemon.
local goImage = 'example/alpine-docker-golang:v0.0.8';

local envs = {
  CGO_ENABLED: '0',
  COMPOSE_FILE: 'build/docker-compose-test.yml',
};

local unitTests(name, image, envs) = {
  name: name,
  image: image,
  environment: envs,
  commands: [
    'go vet ./...',
    'go test -race ./...',
  ],
};

local dockerSocketVolume() = {
  name: 'dockersock',
  path: '/var/run/docker.sock',
};

local dockerSocketVolumeSetup() = {
  name: 'dockersock',
  tmp: {},
  host: {
    path: '/var/run/docker.sock',
  },
};

local integrationTests(name, image, envs) = {
  name: name,
  image: image,
  privileged: true,
  network_mode: 'host',
  environment: envs,
  commands: [
    'docker-compose -f build/docker-compose-test.yml up -d',
    'go test -tags integration ./...',
  ],
  volumes: [
    dockerSocketVolume(),
  ],
};

[
  {
    kind: 'pipeline',
    type: 'docker',
    name: 'default',
    steps: [
      unitTests('unit', goImage, envs),
      integrationTests('integration-engine', goImage, envs),
      integrationTests('integration-client', goImage, envs),
      integrationTests('integration-cluster', 'example/alpine-docker-golang', envs),
    ],
    volumes: [
      dockerSocketVolumeSetup(),
    ],
  },
]

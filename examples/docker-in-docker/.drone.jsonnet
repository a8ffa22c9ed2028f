// Unit tests for every push; integration tests that start containers through the host's Docker daemon; a release on tags.
local goImage = 'example/alpine-docker-golang:v0.0.8';

local envs = {
  CGO_ENABLED: '0',
  COMPOSE_FILE: 'build/docker-compose-test.yml',
  REGISTRY_TOKEN: { from_secret: 'registry_token' },
};

local whenEvent(events) = { event: events };

local unitTestsSuite(name, image, envs) = {
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

local integrationTestsSuite(name, image, envs) = {
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

local dockerValidation(image) = {
  name: 'docker-validation',
  image: image,
  commands: ['make docker-validation'],
  volumes: [dockerSocketVolume()],
};

local releaseSteps(image) = [
  {
    name: 'image',
    image: image,
    commands: ['docker build -f build/engine.Dockerfile -t registry.example.com/engine:$DRONE_TAG .'],
    volumes: [dockerSocketVolume()],
  },
];

local pipeline(name, steps, when) = {
  kind: 'pipeline',
  type: 'docker',
  name: name,
  steps: [step { when: when } for step in steps],
  volumes: [dockerSocketVolumeSetup()],
};

[
  pipeline('test', [
    unitTestsSuite('unit', goImage, envs),
    dockerValidation(goImage),
    integrationTestsSuite('integration-engine', goImage, envs),
    integrationTestsSuite('integration-client', goImage, envs),
    integrationTestsSuite('integration-cluster', 'example/alpine-docker-golang', {}),
  ], whenEvent(['push', 'pull_request'])),
  pipeline('release', releaseSteps(goImage), whenEvent(['tag'])) + {
    depends_on: ['test'],
  },
]

// Unit tests for every push; integration tests that start containers through the host's Docker daemon; a release on tags.
local goImage = 'example/alpine-docker-golang:v0.0.8';

local envs = {
  CGO_ENABLED: '0',
  GIT_USER: { from_secret: 'git_user' },
  GIT_TOKEN: { from_secret: 'git_token' },
};

local credentials = [
  'echo "machine git.example.com login $GIT_USER password $GIT_TOKEN" > build/.netrc',
];

local whenEvent(events) = { event: events };

local unitTestsSuite(name, image, envs) = {
  name: name,
  image: image,
  environment: envs,
  commands: [
    'go vet ./...',
    'make unit-tests',
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
  commands: credentials + ['make integration-tests'],
  volumes: [
    dockerSocketVolume(),
  ],
};

local dockerValidation(image) = {
  name: 'docker-validation',
  image: image,
  privileged: true,
  environment: envs,
  commands: credentials + ['make -C ci validate-docker-in-docker'],
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
    integrationTestsSuite('integration-cluster', 'example/alpine-docker-golang', envs),
  ], whenEvent(['push', 'pull_request'])),
  pipeline('release', releaseSteps(goImage), whenEvent(['tag'])) + {
    depends_on: ['test'],
  },
]

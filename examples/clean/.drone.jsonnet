// The same as .drone.yml beside it, which is generated: `drone jsonnet --stream --format`.
local step(name, commands) = {
  name: name,
  image: 'golang:1.23.4',
  environment: { CGO_ENABLED: 0 },
  commands: commands,
};

[
  {
    kind: 'pipeline',
    type: 'docker',
    name: 'default',
    trigger: { event: ['push', 'pull_request'] },
    steps: [step('test', ['go vet ./...', 'go test ./...'])],
  },
]

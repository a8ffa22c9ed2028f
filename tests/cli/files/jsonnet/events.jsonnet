local event = std.extVar('build.event');
{
  kind: 'pipeline',
  type: 'docker',
  name: 'a',
  steps: [
    { name: 'test', image: if event == 'tag' then 'golang' else 'golang:1.23.4', commands: ['go test ./...'] },
    if event == 'promote' || event == true then { name: 'deploy', image: 'alpine:3.20', commands: ['true'] },
  ],
}

local step(name) = if name == '' then error 'a step needs a name' else { name: name, image: 'alpine:3.20' };
local steps(names) = [step(name) for name in names];
{
  kind: 'pipeline',
  name: 'a',
  steps: steps(['build', '']),
}

{
  kind: 'pipeline',
  steps: [
    'a'
    'b',
  ],
}

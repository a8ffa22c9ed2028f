{
  kind: 'pipeline'
  name: 'a',
}

local private = std.extVar('repo.private');
{
  kind: 'pipeline',
  name: if std.extVar('repo.private') then 'a' else 'b',
}

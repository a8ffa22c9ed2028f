"""Starlark's text: tokens, tree, names. Refuses what go.starlark.net's scanner, parser and resolver refuse, in their words."""

"""Jsonnet as the server evaluates it."""

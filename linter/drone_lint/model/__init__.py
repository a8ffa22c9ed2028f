"""Typed, read-only views of decoded documents."""

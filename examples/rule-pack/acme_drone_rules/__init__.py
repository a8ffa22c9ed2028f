"""Acme's rules for drone-lint: one rule, one module."""

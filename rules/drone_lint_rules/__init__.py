"""The built-in rules: one rule, one file; folders are families."""

"""Edits of source text, proven by evaluating again."""

"""Reporters: one module a format; each sees a frozen report and nothing else."""

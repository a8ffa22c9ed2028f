"""Positions, bounded reading, spelling."""

"""What the text of a program says without being evaluated."""

"""What a program reads, compares and imports, beyond its value."""

"""Text to documents: loaders, positions, substitution."""

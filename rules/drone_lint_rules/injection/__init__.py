"""Rules of the family `injection`."""

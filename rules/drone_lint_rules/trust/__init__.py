"""Rules of the family `trust`."""

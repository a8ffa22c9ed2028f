"""Rules of the family `hygiene`."""

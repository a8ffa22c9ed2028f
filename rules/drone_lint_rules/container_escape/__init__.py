"""Rules of the family `container_escape`."""

"""Rules over documents: the base class, registry, running, locating, grouping, ignores, and the schema check."""

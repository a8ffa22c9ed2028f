"""Rules of the family `supply_chain`."""

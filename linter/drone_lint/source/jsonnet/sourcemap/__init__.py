"""Which line of a program wrote a value."""

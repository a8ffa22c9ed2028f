"""What rules and runs say: frozen data."""

"""One module a command; the only package that reads the environment, writes to stderr, and exits."""

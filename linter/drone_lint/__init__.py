"""drone-lint: checks Drone CI configurations the way Drone reads them."""

__version__ = "0.1.0"

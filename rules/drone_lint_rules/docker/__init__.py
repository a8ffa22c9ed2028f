"""What steps do with Docker, shared by several rules and by `drone-lint dind`."""

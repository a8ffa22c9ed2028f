"""Reading shell commands, shared by several rules."""

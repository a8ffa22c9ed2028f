"""What Drone makes of a configuration: reach, plan, privilege, globs, sizes, substitution."""

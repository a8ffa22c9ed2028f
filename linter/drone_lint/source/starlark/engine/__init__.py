"""Running a program. Runs in a process of its own and imports nothing but the standard library and `syntax`."""

"""`python -m drone_lint`."""

from drone_lint.cli import main

main()

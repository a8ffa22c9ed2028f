"""`python -m drone_lint`, and the `drone-lint` program: so little that telling the version costs nothing else."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from drone_lint import __version__

        sys.stdout.write(f"drone-lint {__version__}\n")
        return
    try:
        from drone_lint.cli.main import main as run

        run()
    except KeyboardInterrupt:  # while modules are imported
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()

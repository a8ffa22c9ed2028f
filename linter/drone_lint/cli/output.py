"""Where reports go: standard output, files, and the progress bar on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from drone_lint.cli.options import UsageError
from drone_lint.cli.streams import print_text
from drone_lint.findings.result import Report
from drone_lint.report import Style, write


def write_report(report: Report, format_: str, target: str | None, options: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """A report to a file, or to standard output when `target` is None."""
    color = target is None and _color(options["color"], environment)
    text = write(
        report,
        format_,
        Style(color=color, links=color and _has_links(environment), quiet=options["quiet"], statistics=options["statistics"]),
    )
    if target is None:
        print_text(text)
        return
    save(target, text)


def _color(choice: str | None, environment: Mapping[str, str]) -> bool:
    if choice in ("always", "never"):
        return choice == "always"
    return sys.stdout.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def _has_links(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is one of those that are known to show hyperlinks; others would print them."""
    if not sys.stdout.isatty():
        return False
    version = environment.get("VTE_VERSION", "")
    return (
        environment.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper")
        or environment.get("TERM") in ("xterm-kitty", "xterm-ghostty", "foot", "alacritty")
        or (version.isdigit() and int(version) >= 5000)
        or any(name in environment for name in ("WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID"))
    )


def save(path: str, text: str) -> None:
    """Write a file in one step; what is no file (`/dev/stdout`, a pipe) as it is.

    Raises:
        UsageError: it cannot be written.
    """
    data = text.encode("utf-8", "replace")
    try:
        if path.startswith(("/dev/", "/proc/")) or (os.path.exists(path) and not os.path.isfile(path)):
            with open(path, "wb") as file:
                file.write(data)
        else:
            replace(path, data)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error


def replace(path: str, data: bytes, mode: int | None = None) -> None:
    """Write a file beside the old one, then put it in its place: whatever happens, there is the whole old or the whole new one.

    Raises:
        OSError: it cannot be written.
    """
    partial = f"{path}.{os.getpid()}.tmp"
    if os.path.lexists(partial):
        os.unlink(partial)
    try:
        with open(partial, "xb") as file:  # never through a link that somebody put there
            file.write(data)
        if mode is not None:
            os.chmod(partial, mode)
        os.replace(partial, path)
    except BaseException:  # an interrupt, too, leaves nothing behind
        with suppress(OSError):
            os.unlink(partial)
        raise


@contextmanager
def progress_bar(files: int) -> Iterator[Any]:
    """A bar on standard error while many files are linted in a terminal, gone at the end."""
    if files < 20 or not sys.stderr.isatty():
        yield None
        return

    def tell(done: int, total: int) -> None:
        filled = 30 * done // total
        sys.stderr.write(f"\r[{'#' * filled}{' ' * (30 - filled)}] {done}/{total}")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()

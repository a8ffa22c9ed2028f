"""Documents without content."""

from __future__ import annotations

from drone_lint.api import (
    Edit,
    Example,
    Fix,
    Note,
    Severity,
    TextPlace,
)
from drone_lint_rules.noted import Noted


class TextBeforeSeparator(Noted):
    """A document has no content: only a comment or blank line before the first `---`, or nothing after the last `---`.

    Drone splits a file into documents line by line, before it parses anything. Any text before the first `---`, even a
    comment, is a separate document, and so is any text after the last `---`. The server looks for `kind` in each document, does not
    find it here, and fails the build with `yaml: missing kind attribute`. `drone lint` does not report this.

    Move the comment below the `---`, and remove a `---` at the end of the file.
    """

    name = "text-before-separator"
    severity = Severity.ERROR
    why = "the server treats the text as a document without a `kind` and fails every build"
    help = "move the text below the `---`, or remove the `---`"
    fixable = "safe"

    bad = (
        """
        # The build.  # <- text-before-separator
        ---
        kind: pipeline
        type: docker
        name: default
        """,
        """
        kind: pipeline
        type: docker
        name: default
        ---  # <- text-before-separator
        # nothing here
        """,
        """
        kind: pipeline
        type: docker
        name: default
        ---  # <- text-before-separator
        ---
        kind: pipeline
        type: docker
        name: other
        """,
        Example(
            """
            # The build.  # <- text-before-separator
            ---
            kind: pipeline
            type: docker
            name: default
            ---  # <- text-before-separator
            ---
            kind: pipeline
            type: docker
            name: other
            ---
            # nothing here
            """,
            fixed="""
            # The build.
            kind: pipeline
            type: docker
            name: default
            ---
            kind: pipeline
            type: docker
            name: other
            # nothing here
            """,
            lines=(11,),
        ),
    )
    good = (
        """
        ---
        # The build.
        kind: pipeline
        type: docker
        name: default
        ---
        kind: pipeline
        type: docker
        name: other
        """,
        """
        # A comment in the first document, which no `---` begins.
        kind: pipeline
        type: docker
        name: default
        """,
    )

    def fix(self, note: Note) -> Fix | None:
        """Removes the separator, so that the text belongs to the next document, or the one before."""
        place = note.place
        if not isinstance(place, TextPlace):
            return None
        at, text = place.start, place.source.text
        if not text.startswith("---", at):
            at = text.find("\n---", max(place.start - 1, 0)) + 1
        stop = text.find("\n", at)
        if text[at : len(text) if stop < 0 else stop].strip() != "---" or (at > 0 and text[at - 1] != "\n"):
            return None
        return Fix("remove the `---`", (Edit(place._replace(start=at, end=at + 3)),))

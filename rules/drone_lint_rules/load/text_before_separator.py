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
    """A document has no content: a comment or blank line before the first `---`, or a `---` at the end.

    Drone splits a file into documents line by line, before it parses anything. Whatever stands before the first `---`, even a
    comment, is a document of its own; so is what follows a last `---`. The server looks for a `kind` in each, finds none, and fails
    the build with `yaml: missing kind attribute`. `drone lint` says nothing about it.

    Move the comment below the `---`, and remove a separator that nothing follows.
    """

    name = "text-before-separator"
    severity = Severity.ERROR
    why = "the server takes it for a document without a `kind` and fails every build"
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
        """Without the separator the text belongs to the document that follows, or went before."""
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

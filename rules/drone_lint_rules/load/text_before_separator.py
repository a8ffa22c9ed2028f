"""Documents without content."""

from __future__ import annotations

from collections.abc import Iterator

from drone_lint.api import ConfigFile, Edit, EmptyDocument, Example, Finding, Fix, Rule, Severity, TextPlace, Trigger

_MESSAGES = {
    "comment": "Drone treats the comment before the first `---` as a separate document, which has no `kind`",
    "blank line": "Drone treats the blank line before the first `---` as a separate document, which has no `kind`",
    "separator": "this `---` starts an empty document, which has no `kind`",
    "last separator": "the `---` at the end starts an empty document, which has no `kind`",
}


class TextBeforeSeparator(Rule):
    """A document has no content: only a comment or blank line before the first `---`, or nothing after the last `---`.

    Drone splits a file into documents line by line, before it parses anything. Any text before the first `---`, even a
    comment, is a separate document, and so is any text after the last `---`. The server looks for `kind` in each document, does not
    find it here, and fails the build with `yaml: missing kind attribute`. `drone lint` does not report this.

    Move the comment below the `---`, and remove a `---` at the end of the file.
    """

    name = "text-before-separator"
    severity = Severity.ERROR
    trigger = Trigger(fact="EmptyDocument")
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

    def check_file(self, file: ConfigFile) -> Iterator[Finding]:
        for empty in file.facts(EmptyDocument):
            yield self.finding(empty.place, _MESSAGES[empty.cause], drone=empty.refusals, fix=_fix(empty.place))


def _fix(place: TextPlace) -> Fix | None:
    """Without the separator the text belongs to the document that follows, or went before."""
    at, text = place.start, place.source.text
    if not text.startswith("---", at):
        at = text.find("\n---", max(place.start - 1, 0)) + 1
    stop = text.find("\n", at)
    if text[at : len(text) if stop < 0 else stop].strip() != "---" or (at > 0 and text[at - 1] != "\n"):
        return None
    return Fix("remove the `---`", (Edit(place._replace(start=at, end=at + 3)),))

"""`drone-lint render`: what Drone would see of one file."""

from __future__ import annotations

import sys
from typing import Any

from drone_lint.cli.outcome import CLEAN, flags_from, not_linted
from drone_lint.cli.streams import print_text, read_stdin
from drone_lint.report.render import positions, refused_by_runners, render_documents
from drone_lint.run.batch import load_one
from drone_lint.run.targets import select_targets
from drone_lint.source.loaded import ConfigFile


def run(options: dict[str, Any]) -> int:
    """Print what Drone would see of one file."""
    flags = flags_from(options)
    selection = select_targets([options["file"]], flags, read_stdin, options["stdin_filename"])
    file, problems = load_one(selection, flags)
    refused = refused_by_runners(file) if file is not None and options["view"] == "runner" else ()
    if refused:
        return not_linted((*problems, *refused))
    if file is not None:
        documents = [document for one in file.evaluations[:1] for document in one.view(options["view"])]
        text = positions(documents, options["format"]) if options["positions"] else render_documents(documents, options["format"])
        print_text(text)
        _tell_of_other_events(file)
    return not_linted(problems) if problems else CLEAN


def _tell_of_other_events(file: ConfigFile) -> None:
    """Say on standard error which events other documents are made for."""
    shown, *others = [", ".join(one.events or ()) for one in file.evaluations] or [""]
    if others:
        print(f"drone-lint: these documents are for {shown}; use `--event` for those of {'; '.join(others)}", file=sys.stderr)

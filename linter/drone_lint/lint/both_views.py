"""Rules about security look at both texts: the one that the server parses, and the one that runners run.

What both say at the same place is said once. Only documents that substitution changes are looked at again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from drone_lint.findings.finding import Finding
from drone_lint.lint.locating import Run
from drone_lint.lint.rule import Rule, Trigger
from drone_lint.model.document import Document
from drone_lint.model.node import Scalar, descend
from drone_lint.model.value import Place, TextPlace
from drone_lint.semantics.substitution import expansions_in
from drone_lint.semantics.variables import ordinary
from drone_lint.source.loaded import ConfigFile, Evaluation

SECURITY = frozenset(("container_escape", "supply_chain", "secrets", "injection", "trust"))
"""Families whose rules look at both texts, unless a rule says that it wants the runners' alone, or looks for `${}`, which is gone there."""


def looks_twice(rule: Rule) -> bool:
    """Whether a rule is to see the runners' text as well as the server's."""
    triggers = (rule.trigger,) if isinstance(rule.trigger, Trigger) else rule.trigger
    of_itself = rule.family in SECURITY and rule.view == "server" and not any(trigger.expansions for trigger in triggers)
    return rule.view == "both" or of_itself


def as_runners_see(file: ConfigFile) -> Iterator[ConfigFile]:
    """The file with the documents of runners in the place of the server's; once for each set of values that is known to make a difference."""
    seen = [[one.server for one in file.evaluations]]
    for number in range(max((len(one.texts_of_runners) for one in file.evaluations), default=0)):
        texts = [(*one.texts_of_runners, one.server)[min(number, len(one.texts_of_runners))] for one in file.evaluations]
        if texts not in seen:
            seen.append(texts)
            evaluations = tuple(one._replace(server=text, runner=text) for one, text in zip(file.evaluations, texts, strict=True))
            yield file._replace(evaluations=evaluations)


def changed(evaluation: Evaluation, plain: Evaluation) -> Evaluation:
    """The evaluation with those documents only that are others than in the plain one."""
    known = set(plain.server)
    left = tuple(document for document in evaluation.server if document not in known)
    return evaluation._replace(server=left, runner=left)


def not_said_before(before: Sequence[Run], later: Sequence[Run], file: ConfigFile) -> Iterator[Run]:
    """What a rule finds in a runner's text and did not find in the server's, at the same place and as often; without fixes of that text."""
    said = Counter(_key(run.finding) for run in before)
    for run in later:
        key = _key(run.finding)
        if said[key] > 0:
            said[key] -= 1
        elif not (run.finding.secret and _is_a_variable(run.finding, file)):
            yield run._replace(finding=run.finding._replace(fix=None))


def _key(finding: Finding) -> tuple[object, ...]:
    place = finding.place
    if isinstance(place, TextPlace):
        return finding.rule, finding.kind, place.source.path, place.start
    document = place.document
    return finding.rule, finding.kind, document.index, document.events, place.path, place.part


def _is_a_variable(finding: Finding, file: ConfigFile) -> bool:
    """Whether what looks like a secret is the value of a variable of Drone's, such as a commit."""
    place = finding.place
    if not isinstance(place, Place):
        return False
    known = ordinary()
    names = {one.name for document in _servers(file, place.document.index) for one in expansions_in(_text(document, place))}
    text = _text(place.document, place)
    return any(len(known.get(name, "")) >= _SHORTEST and known[name][:_SHORTEST] in text for name in names)


_SHORTEST = 6


def _servers(file: ConfigFile, index: int) -> Iterator[Document]:
    return (document for one in file.evaluations for document in one.server if document.index == index)


def _text(document: Document, place: Place) -> str:
    node = descend(document.root, place.path)
    return node.text if isinstance(node, Scalar) else ""

"""What differs between two states of a configuration: what steps may newly do, and no longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from drone_lint.model.condition import Condition
from drone_lint.model.value import Place
from drone_lint.semantics.build import NO
from drone_lint.semantics.grants import Held, Holder, Limits

KINDS = ("privilege", "secret", "mount", "image", "trigger", "download", "ignore", "command", "step", "file", "finding")
"""What changes are about, the gravest first."""


class Change(NamedTuple):
    """One difference of a pipeline or step."""

    kind: str
    """One of `KINDS`."""
    new: bool
    """Whether it allows more, or other things, than before."""
    what: str
    """Words with a verb first: `is newly privileged`."""
    pipeline: str
    step: str | None
    place: Place | None
    """Where it is written now; None where nothing of it is left."""


def changes_between(base: Sequence[Held], head: Sequence[Held], images: AbstractSet[str]) -> Iterator[Change]:
    """All differences, for one build.

    Args:
        base: what steps may do before.
        head: what they may do now.
        images: those that are written anywhere in the earlier state.
    """
    pairs = _pairs([one.trigger for one in base], [one.trigger for one in head])
    for before, after in pairs:
        old, new = (base[before] if before is not None else None), (head[after] if after is not None else None)
        yield from _pipeline(old, new, images)


def _pipeline(base: Held | None, head: Held | None, images: AbstractSet[str]) -> Iterator[Change]:
    if head is None:
        if base is not None and base.trigger.runs != NO:
            yield Change("step", False, "is gone", base.trigger.name, None, None)
        return
    name = head.trigger.name
    new = base is None
    changed = list(_limited(base.trigger, head.trigger, name, None)) if base is not None else []
    yield from changed
    if new and head.trigger.runs != NO:
        yield Change("step", True, "is new", name, None, head.trigger.place)
    same = base is not None and (base.trigger.runs == NO) == (head.trigger.runs == NO)
    if not new and not changed and not same and base is not None:
        yield _running(base.trigger, head.trigger, name, None)
    before = base.steps if base is not None else ()
    for one, other in _pairs(before, head.steps):
        old, now = (before[one] if one is not None else None), (head.steps[other] if other is not None else None)
        yield from _step(old, now, name, images, told=not same)


def _step(base: Holder | None, head: Holder | None, pipeline: str, images: AbstractSet[str], *, told: bool) -> Iterator[Change]:
    """Args: told: whether the pipeline itself starts or stops to run in this build, so that its steps need no word."""
    if head is None:
        if base is not None and base.runs != NO and not told:
            yield Change("step", False, "is gone", pipeline, base.name, None)
        return
    limited = list(_limited(base, head, pipeline, head.name)) if base is not None else []
    yield from limited
    if base is None and head.runs != NO and not told:
        yield Change("step", True, "is new", pipeline, head.name, head.place)
    if base is not None and not limited and not told and (base.runs == NO) != (head.runs == NO):
        yield _running(base, head, pipeline, head.name)
    if base is not None and base.name != head.name and not told:
        yield Change("step", False, f"is renamed from `{base.name}`", pipeline, head.name, head.place)
    yield from _granted(base, head, pipeline)
    yield from _image(base, head, pipeline, images)
    if base is not None and NO not in (base.runs, head.runs):
        yield from _worked(base, head, pipeline)


def _running(base: Holder, head: Holder, pipeline: str, step: str | None) -> Change:
    new = base.runs == NO
    return Change("step", new, "newly runs" if new else "no longer runs", pipeline, step, head.place)


def _granted(base: Holder | None, head: Holder, pipeline: str) -> Iterator[Change]:
    before, after = dict(base.grants if base is not None else ()), dict(head.grants)
    for grant, place in after.items():
        if grant not in before:
            yield Change(grant.kind, True, _with("newly", grant.what), pipeline, head.name, place)
    if head.runs != NO:
        for grant in before:
            if grant not in after:
                yield Change(grant.kind, False, _with("no longer", grant.what), pipeline, head.name, head.place)


def _with(adverb: str, what: str) -> str:
    verb, _, rest = what.partition(" ")
    return f"{verb} {adverb} {rest}" if verb == "is" else f"{adverb} {what}"


def _image(base: Holder | None, head: Holder, pipeline: str, images: AbstractSet[str]) -> Iterator[Change]:
    if head.runs == NO or not head.image:
        return
    if base is not None and base.image and base.image != head.image:
        yield Change("image", True, f"changes its image from `{base.image}` to `{head.image}`", pipeline, head.name, head.image_place)
    elif base is None and head.image not in images:
        yield Change("image", True, f"uses the new image `{head.image}`", pipeline, head.name, head.image_place)


def _worked(base: Holder, head: Holder, pipeline: str) -> Iterator[Change]:
    """Other work of a step that has what others should not get."""
    reasons = [one.what.removeprefix("gets ") for one, _ in head.grants if one.kind == "secret"]
    reasons += ["privileges"] if any(one.kind == "privilege" for one, _ in head.grants) else []
    before, after = [text for text, _ in base.work], [text for text, _ in head.work]
    if not reasons or before == after:
        return
    place = next((place for text, place in head.work if text not in before), head.place)
    yield Change("command", True, f"changes what it does, with {', '.join(reasons)}", pipeline, head.name, place)


def _limited(base: Holder, head: Holder, pipeline: str, step: str | None) -> Iterator[Change]:
    """Conditions that let more, fewer or other builds through."""
    before: Mapping[str, Limits] = {one.name: one for one in base.limits}
    after: Mapping[str, Limits] = {one.name: one for one in head.limits}
    key = "when" if step is not None else "trigger"
    for name in dict.fromkeys((*before, *after)):
        old = before[name].condition if name in before else Condition()
        now = after[name].condition if name in after else Condition()
        if set(old.include) != set(now.include) or set(old.exclude) != set(now.exclude):
            verb = _direction(old, now)
            place = after[name].place if name in after else head.place
            what = f"{verb} `{key}.{name}` from {_words(old)} to {_words(now)}"
            yield Change("trigger", verb != "narrows", what, pipeline, step, place)


def _direction(old: Condition, now: Condition) -> str:
    if _covers(now, old):
        return "widens"
    return "narrows" if _covers(old, now) else "changes"


def _covers(one: Condition, other: Condition) -> bool:
    """Whether a condition takes all that another takes, as far as their words tell."""
    includes = not one.include or (bool(other.include) and set(one.include) >= set(other.include))
    return includes and set(one.exclude) <= set(other.exclude)


def _words(condition: Condition) -> str:
    taken = ", ".join(f"`{one}`" for one in condition.include) or "anything"
    return taken + (" but " + ", ".join(f"`{one}`" for one in condition.exclude) if condition.exclude else "")


def _pairs(base: Sequence[Holder], head: Sequence[Holder]) -> list[tuple[int | None, int | None]]:
    """Which is which: by name, those of one name in their order; what is left by content, and then by what it does."""
    left, right = _keyed(base), _keyed(head)
    pairs: list[tuple[int | None, int | None]] = [(left.pop(key), number) for key, number in right.items() if key in left]
    paired = {number for _, number in pairs}
    others = [number for number in right.values() if number not in paired]
    gone = list(left.values())
    for alike in (lambda one: one.content, lambda one: repr(([text for text, _ in one.work], one.image)) if one.work else ""):
        for number in list(others):
            match = next((one for one in gone if alike(base[one]) and alike(base[one]) == alike(head[number])), None)
            if match is not None:
                gone.remove(match)
                others.remove(number)
                pairs.append((match, number))
    pairs += [(None, number) for number in others] + [(number, None) for number in gone]
    return sorted(pairs, key=lambda pair: (pair[1] is None, pair[1] if pair[1] is not None else pair[0]))


def _keyed(holders: Sequence[Holder]) -> dict[tuple[str, int], int]:
    seen: dict[str, int] = {}
    found = {}
    for number, one in enumerate(holders):
        seen[one.name] = seen.get(one.name, 0) + 1
        found[one.name, seen[one.name]] = number
    return found

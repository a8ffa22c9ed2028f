"""Properties, and functions of documents and their parts, that are worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, Protocol, TypeVar, overload

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - used as `property` is
    """As `functools.cached_property`, without the lock that it takes until Python 3.12: a file asks for hundreds."""

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self._name = function.__name__
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> lazy[T]: ...

    @overload
    def __get__(self, instance: object, owner: type[Any]) -> T: ...

    def __get__(self, instance: object | None, owner: type[Any]) -> lazy[T] | T:
        if instance is None:
            return self
        found = instance.__dict__[self._name] = self._function(instance)
        return found


class Remembering(Protocol):
    """What remembers what was worked out about it: a document, a pipeline, a step."""

    @property
    def memo(self) -> dict[object, Any]:
        """What was worked out, by whatever worked it out."""


R = TypeVar("R", bound=Remembering)


def remembered(function: Callable[[R], T]) -> Callable[[R], T]:
    """A function of a document, pipeline or step that is worked out once for each, and forgotten with it."""

    @wraps(function)
    def once(subject: R) -> T:
        memo = subject.memo
        if function not in memo:
            memo[function] = function(subject)
        found: T = memo[function]
        return found

    return once

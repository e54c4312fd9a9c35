"""Every page route of the project, found at run time, and for a route with arguments a row to try it on.

A room registers its samples in tests/<room>/samples.py:

    SAMPLES = {"person": Sample(lambda cast: {"uuid": ...}, hidden_from="stranger")}

The key is the route's name; the function makes the row and gives the route's arguments. `hidden_from` names the
member of the cast to whom the row must look as if it did not exist (404): "stranger" is Lewisham's person in the same
role, "rival" another provider's contact. `refused_to` names the one who sees such a row and may not do this to it
(403). Both empty: every signed-in person may, and `why` says so.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver

import tests

OTHERS = ("allauth.", "django.views.static", "django.contrib.staticfiles", "whitenoise", "drf_spectacular.")


@dataclass(frozen=True)
class Sample:
    arguments: Callable[[Any], dict[str, Any]]
    hidden_from: str = ""
    refused_to: str = ""
    needs: tuple[str, str] | None = None  # a second (resource, verb) that this very row asks for
    why: str = ""
    personal: bool = False  # a person's own: to others who may do as much with theirs it is not there


@dataclass(frozen=True)
class Route:
    pattern: str
    name: str
    callback: Any = field(compare=False)
    arguments: tuple[str, ...] = ()

    @property
    def marked(self) -> bool:
        """Says what it shows: allowed/open_to_all for a page, `resource` for the API."""
        return hasattr(self.callback, "allowed") or hasattr(getattr(self.callback, "cls", self.callback), "resource")

    @property
    def others(self) -> bool:
        """django-allauth's own and the like: they guard themselves, and are tested by name in test_people."""
        view = getattr(self.callback, "view_class", self.callback)
        return view.__module__.startswith(OTHERS)

    @property
    def mark(self) -> tuple[str, str] | None:
        return getattr(self.callback, "allowed", None)


def routes(resolver: URLResolver, prefix: str = "", names: tuple[str, ...] = ()) -> Iterator[Route]:
    """All routes under the resolver, depth first."""
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        found = (*names, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLPattern):
            yield Route(pattern, entry.name or "", entry.callback, found)
        else:
            yield from routes(entry, pattern, found)


def samples() -> dict[str, Sample]:
    """What every room registers. Two rooms with one name are a mistake."""
    found: dict[str, Sample] = {}
    for module in pkgutil.iter_modules(tests.__path__, "tests."):
        if module.ispkg:
            try:
                registered = importlib.import_module(f"{module.name}.samples").SAMPLES
            except ModuleNotFoundError as missing:
                if missing.name != f"{module.name}.samples":
                    raise
                continue
            twice = set(found) & set(registered)
            assert not twice, f"{module.name}: {twice} stand elsewhere too"
            found |= registered
    return found

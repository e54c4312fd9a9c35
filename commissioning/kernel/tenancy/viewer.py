"""Who is looking: an authority's officer, a provider's contact, a service, or the maker of releases. And the one door,
`acting_as`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connections, transaction

SETTINGS = ("kind", "authority", "provider", "actor", "request", "import", "reason")


class NoViewer(Exception):
    """A query was made with nobody looking. Open `acting_as` round it."""


class ViewerChanged(Exception):
    """`acting_as` was opened for one viewer inside another: finish the first transaction before the second."""


@dataclass(frozen=True)
class Viewer:
    """One of: an authority (its id), a provider (its id), a service (its name), or nobody (signed out)."""

    kind: str
    authority_id: int = 0
    provider_id: int = 0
    service: str = ""
    # Whether the person works with cases, and so reads what the authority keeps to those who do (Staged.in_confidence).
    # Narrower than the authority, and no other viewer than it: the database knows authorities alone.
    with_cases: bool = field(default=True, compare=False)

    @classmethod
    def of_authority(cls, authority_id: int, *, with_cases: bool = True) -> "Viewer":
        return cls("authority", authority_id=authority_id, with_cases=with_cases)

    @classmethod
    def of_provider(cls, provider_id: int) -> "Viewer":
        return cls("provider", provider_id=provider_id)

    @classmethod
    def of_service(cls, service: str) -> "Viewer":
        """Work that belongs to no authority. Sees what the whole partnership may see, and no row of one authority."""
        return cls("service", service=service)

    @classmethod
    def of_release(cls) -> "Viewer":
        """The maker of shared figures, on the connection of the role `release` alone: reads what contributes to them,
        of every authority, and writes releases."""
        return cls("release")

    @classmethod
    def nobody(cls) -> "Viewer":
        """Somebody signed out: sees no row of the partnership's facts at all."""
        return cls("nobody")


@dataclass(frozen=True)
class Acting:
    """The open context. `memory` keeps what the viewer's filters looked up, for this transaction only."""

    viewer: Viewer
    by: str
    request_id: str = ""
    import_id: str = ""
    reason: str = ""
    using: str = "default"
    memory: dict[str, Any] = field(default_factory=dict, compare=False)


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def acting() -> Acting:
    """The open context; raises NoViewer where there is none, so that a query fails rather than finds nothing."""
    now = _acting.get()
    if now is None:
        raise NoViewer("Nobody is looking: open acting_as(viewer, by=...) round this query.")
    return now


def current_viewer() -> Viewer:
    return acting().viewer


def someone_is_acting() -> bool:
    return _acting.get() is not None


@contextmanager
def acting_as(
    viewer: Viewer,
    *,
    by: object,
    request_id: str = "",
    import_id: object = "",
    reason: str = "",
    using: str = "default",
) -> Iterator[Acting]:
    """A transaction in which every query is `viewer`'s and every change is `by`'s (a user, or a service's name).

    Nested, it may add an import or a reason for the same viewer and puts the outer context back; another viewer
    raises ViewerChanged. Inside a plain transaction it raises RuntimeError: the viewer would outlive the block, as
    settings last for a whole transaction. Nothing is cleared on error: the rollback restores what the database knew.
    """
    outer = _acting.get()
    if outer is not None and (outer.viewer != viewer or outer.using != using):
        raise ViewerChanged(f"acting as {outer.viewer}; asked to act as {viewer}")
    now = Acting(viewer, actor_name(by), str(request_id), str(import_id or ""), reason, using)
    if outer is not None:
        now = replace(
            now, viewer=outer.viewer, request_id=now.request_id or outer.request_id,
            import_id=now.import_id or outer.import_id, reason=now.reason or outer.reason, memory=outer.memory,
        )  # fmt: skip
    with transaction.atomic(using=using, durable=outer is None):
        _tell_database(now)
        token = _acting.set(now)
        try:
            yield now
        finally:
            _acting.reset(token)
        if outer is not None:
            _tell_database(outer)


def actor_name(by: object) -> str:
    """What history writes down: "user:<uuid>", or the name of a service. An empty one is refused."""
    uuid = getattr(by, "uuid", None)
    name = f"user:{uuid}" if uuid else by
    if not isinstance(name, str) or not name.strip():
        raise ValueError("acting_as needs by=: the user who acts, or the name of the service")
    return name


def _tell_database(now: Acting) -> None:
    """One statement, local to the transaction: a connection handed to somebody else remembers nothing."""
    values = (
        now.viewer.kind, str(now.viewer.authority_id), str(now.viewer.provider_id),
        now.by, now.request_id, now.import_id, now.reason,
    )  # fmt: skip
    calls = ", ".join(f"set_config('app.{name}', %s, true)" for name in SETTINGS)
    with connections[now.using].cursor() as cursor:
        cursor.execute(f"SELECT {calls}", values)

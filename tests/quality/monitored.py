"""Homes, children and visits of several boroughs for tests of monitoring, made by the production road where there is
one; and visits in any state, written as the actions leave them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.children import add_child
from contracts.actions.placements import record_placement
from contracts.models import Placement
from providers.models import Establishment, Premises, Provider
from providers.rules.names import fold
from quality.models import Reliance, Visit, VisitTemplate

BY = "service:tests"
TODAY = date(2026, 4, 20)
NOW = datetime(2026, 4, 20, 9, 0, tzinfo=UTC)


def as_member(authority: Any):
    return acting_as(Viewer.of_authority(authority.pk), by=BY)


def service():
    return acting_as(Viewer.of_service("tests"), by=BY)


def provider_called(name: str) -> Provider:
    return Provider.objects.create(name=name, folded_name=fold(name))


def home_of(
    provider: Provider, urn: str, kind: str = "childrens_home", addresses: int = 0, **more: Any
) -> Establishment:
    home = Establishment.objects.create(
        urn=urn, kind=kind, name=more.pop("name", f"Home {urn}"), provider=provider, **more
    )
    for number in range(addresses):
        Premises.objects.create(
            establishment=home, provider=provider, ordinal=number + 1, area_name="Southwark",
            name=f"{number + 1} {home.name} Street", listed_at=date(2025, 3, 31),
        )  # fmt: skip
    return home


def template_of(kind: str) -> VisitTemplate:
    return VisitTemplate.objects.get_or_create(
        code=f"test-{kind}", number=1, defaults={"name": f"Test {kind}", "kind": kind, "service_types": []}
    )[0]


def place(authority: Any, home: Establishment | None, starts_on: date, **more: Any) -> Placement:
    """Inside as_member(authority)."""
    child = add_child(authority=authority, by=BY, today=TODAY)
    facts = {"service_type": "residential", "spot_reason": "specialist", "registration": "registered"} | more
    return record_placement(
        child=child, starts_on=starts_on, by=BY, today=max(TODAY, starts_on), establishment=home,
        provider=home.provider if home else None, **facts,
    )  # fmt: skip


def visit_of(
    authority: Any, home: Establishment, visited_on: date, *, kind: str = "site", state: str = "published",
    premises: Premises | None = None, published_on: date | None = None,
) -> Visit:  # fmt: skip
    """Inside as_member(authority): a visit in a state, as the actions leave its row."""
    done = state in ("draft", "with_provider", "published")
    at = datetime.combine(published_on or visited_on + timedelta(days=20), datetime.min.time(), tzinfo=UTC)
    at += timedelta(hours=11)
    number = Visit.objects.filter(authority=authority).count() + 1
    return Visit.objects.create(
        authority=authority, provider=home.provider, number=number, establishment=home, premises=premises,
        template=template_of(kind), kind=kind, state=state, planned_on=visited_on, to_members=True,
        visited_on=visited_on if done else None, sent_at=at if state in ("with_provider", "published") else None,
        reply_due_on=visited_on + timedelta(days=14) if state in ("with_provider", "published") else None,
        published_at=at if state == "published" else None, cancelled_why="" if state != "cancelled" else "Snow",
    )  # fmt: skip


def rely(authority: Any, visit: Visit, on: date) -> Reliance:
    at = datetime.combine(on, datetime.min.time(), tzinfo=UTC) + timedelta(hours=9)
    return Reliance.objects.create(authority=authority, visit=visit, relied_at=at)

"""A published release for tests, with the figures that a test gives it, written by the owner: no web role may."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from commissioning.compare.models import PublishedFigure, Release
from commissioning.compare.rules.catalogue import MEASURES
from commissioning.compare.rules.disclosure import Thresholds
from commissioning.kernel.tenancy.viewer import Viewer, acting_as

AS_AT = date(2026, 3, 31)
THEN = datetime(2026, 4, 14, 9, 0, tzinfo=UTC)
BY = "service:releases"


def figure(measure: str, cut: str, **facts: Any) -> PublishedFigure:
    """Unsaved. Amounts in whole pounds (or hours)."""
    for name in ("mean", "median", "lower_quartile", "upper_quartile", "tenth", "ninetieth"):
        if name in facts:
            facts[name] = Decimal(facts[name])
    for name in ("lot", "provider"):  # rows of the other connection are named by their ids
        if name in facts:
            facts[f"{name}_id"] = facts.pop(name).pk
    return PublishedFigure(measure=measure, cut=cut, **facts)


def published(cast: Any, *figures: PublishedFigure, state: str = "published", number: int = 1) -> Release:
    """Asked for by Southwark's officer, approved by Lewisham's. For tests with transactions of their own: the role
    that writes releases has a connection of its own."""
    asked, approved = (cast.person("commissioning_officer", stranger=stranger) for stranger in (False, True))
    done = state == "published"
    with acting_as(Viewer.of_release(), by=BY, using="owner"):
        release = Release.objects.create(
            number=number, as_at=AS_AT, state=state, requested_by=asked, requested_at=THEN, built_at=THEN,
            approved_by=approved if done else None, approved_at=THEN if done else None,
            published_by=approved if done else None, published_at=THEN if done else None,
            definitions={key: measure.as_kept() for key, measure in MEASURES.items()}, rules=vars(Thresholds()),
        )  # fmt: skip
        for each in figures:
            each.release_id, each.as_at = release.pk, AS_AT
        PublishedFigure.objects.bulk_create(figures)
    return release

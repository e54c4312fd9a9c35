"""A published release with the figures that a test needs, through the actions; the figures are written as owner, since
no viewer may. For tests that commit (transaction=True)."""

from datetime import date
from decimal import Decimal
from typing import Any

from commissioning.compare.actions.releases import approve_release, publish_release, request_release
from commissioning.compare.models import PublishedFigure, Release, ReleaseState
from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from tests.contracts.bought import BY, TODAY
from tests.world import NOW

AS_AT = date(2026, 3, 31)


def publish(cast: Any, figures: list[dict[str, Any]]) -> Release:
    """`figures`: measure, cut, dimensions and amounts, as the model's columns."""
    with cast.acting("commissioning_officer") as officer:
        release = request_release(as_at=AS_AT, by=officer, now=NOW, today=TODAY)
    with acting_as(Viewer.of_service("tests"), by=BY, using="owner"):
        PublishedFigure.objects.bulk_create(
            PublishedFigure(release_id=release.pk, as_at=AS_AT, **{"measure": "weekly_price"} | each)
            for each in figures
        )
        Release.objects.filter(pk=release.pk).update(state=ReleaseState.BUILT)
    with cast.acting("commissioning_officer", stranger=True) as second:
        approve_release(release=release, by=second, now=NOW)
        return publish_release(release=release, by=second, now=NOW)


def of_provider(provider: Any, lot: Any, median: str, **more: Any) -> dict[str, Any]:
    """What the partnership pays a provider on a lot."""
    return {
        "cut": "provider_market", "provider_id": provider.pk, "lot_id": lot.pk, "framework_id": lot.framework_id,
        "n": 15, "median": Decimal(median), "mean": Decimal(median), **more,
    }  # fmt: skip

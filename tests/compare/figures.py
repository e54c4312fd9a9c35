"""Releases and figures as rows, for tests of what reads them: written as the role release, without building."""

from datetime import UTC, date, datetime

from commissioning.compare.models import PublishedFigure, Release
from commissioning.compare.rules.catalogue import MEASURES
from commissioning.compare.rules.disclosure import Thresholds
from commissioning.kernel.tenancy.viewer import Viewer, acting_as

AS_AT = date(2026, 3, 31)
AT = datetime(2026, 4, 7, 9, 0, tzinfo=UTC)
MONEY = {
    "n": 40, "mean": 805, "median": 800, "lower_quartile": 760, "upper_quartile": 850, "tenth": 720, "ninetieth": 900,
    "mode_from": 775,
}  # fmt: skip


def release_by(first, second, number=1, as_at=AS_AT, state="published", **more):
    """Asked for by `first`, approved by `second`, in the state."""
    passed = ("requested", "built", "approved", "published", "withdrawn").index(state)
    told = {"number": number, "as_at": as_at, "state": state, "requested_by": first, "requested_at": AT}
    if passed:
        told |= {
            "built_at": AT, "rules": vars(Thresholds()),
            "definitions": {key: measure.as_kept() for key, measure in MEASURES.items()},
            "report": {
                "populations": {}, "members": 7, "contributing": 7, "groups": {}, "told_apart": {}, "held": 0,
                "against": list(range(1, number)),
            },
        }  # fmt: skip
    if passed > 1:
        told |= {"approved_by": second, "approved_at": AT}
    if passed > 2:
        told |= {"published_by": second, "published_at": AT}
    if passed > 3:
        told |= {"withdrawn_by": first, "withdrawn_at": AT, "withdrawn_why": "One file was sent twice"}
    with acting_as(first.viewer, by=first):
        return Release.objects.create(**told | more)


def figures(release, *rows):
    """Each row: a PublishedFigure's columns."""
    with acting_as(Viewer.of_release(), by="service:releases", using="release"):
        return PublishedFigure.objects.bulk_create(
            PublishedFigure(release_id=release.pk, as_at=release.as_at, **row) for row in rows
        )


def weekly(cut, **cell):
    """A figure of the weekly price."""
    return {"measure": "weekly_price", "cut": cut, **MONEY, **cell}

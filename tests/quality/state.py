"""What the platform knows after the files came in, in the oracle's words."""

from collections import Counter

from providers.models import Establishment, EstablishmentRecord, Premises, Provider
from quality.models import Inspection

ATTRIBUTES = {
    "kind": "kind", "status": "status", "name": "name", "address": "address", "postcode": "postcode",
    "area": "area_name", "region": "region", "constituency": "constituency", "sector": "sector", "places": "places",
    "short_breaks": "short_breaks_only", "education_urn": "education_urn", "registered_on": "registered_on",
}  # fmt: skip
OF_AN_INSPECTION = {
    "number": "event_number", "type": "event_type", "on": "inspected_on", "published": "published_on", "scale": "scale",
    "overall": "overall", "protection": "protection", "leadership": "leadership", "outcomes": "outcomes",
    "quality": "quality_of_care", "education": "education", "health": "health", "as_at": "as_at",
}  # fmt: skip


def homes():
    rows = Establishment.objects.select_related("provider")
    return {
        row.urn: {name: getattr(row, column) for name, column in ATTRIBUTES.items()}
        | {
            "provider": row.provider.name if row.provider else None, "listed_at": row.listed_at,
            "closed_on": row.closed_on,
        }
        for row in rows
    }  # fmt: skip


def records():
    return {
        (row.establishment.urn, row.as_at): {name: getattr(row, column) for name, column in ATTRIBUTES.items()}
        | {"owner": row.owner_name, "listed": row.listed, "closed_on": row.closed_on}
        for row in EstablishmentRecord.objects.select_related("establishment")
    }


def owners():
    return {row.folded_name: (row.name, row.sector) for row in Provider.objects.all()}


def inspections():
    rows = Inspection.objects.select_related("establishment", "provider")
    return {
        (row.establishment.urn, row.event_number): {
            name: getattr(row, column) for name, column in OF_AN_INSPECTION.items()
        }
        | {"provider": row.provider.name if row.provider else None}
        for row in rows
    }


def premises():
    return Counter(
        (
            row.establishment.urn, row.category, row.places, row.area_name, row.constituency, row.region, row.listed_at,
            row.provider.name if row.provider else None,
        )
        for row in Premises.objects.exclude(listed_at=None).select_related("establishment", "provider")
    )  # fmt: skip

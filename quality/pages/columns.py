"""Columns of inspections, the same on every page that lists them."""

from collections.abc import Mapping

from django.urls import reverse

from commissioning.kernel.tables import Column
from providers.pages.tones import ToneColumn

from ..models import Inspection
from ..rules import scales
from ..rules.changes import change, limiting

TONES = {
    "outstanding": "good", "good": "good", "consistently_strong": "good", "requires_improvement": "needs",
    "inconsistent": "needs", "inadequate": "harm", "serious_weaknesses": "harm",
}  # fmt: skip
NO_JUDGEMENT = "No judgement given"


def judgement(key: str, label: str, sort: str | None = None) -> Column:
    """One judgement as a tag with its word in full."""
    return ToneColumn(
        key, label, value=lambda row: scales.ALL_JUDGEMENTS.get(getattr(row, key)),
        tone=lambda row: TONES.get(getattr(row, key), "plain"), sort=sort, missing="not judged",
    )  # fmt: skip


def overall(sort: str | None = None) -> Column:
    return ToneColumn(
        "overall", "Judgement", value=lambda row: scales.ALL_JUDGEMENTS.get(row.overall),
        tone=lambda row: TONES.get(row.overall, "plain"), sort=sort, missing=NO_JUDGEMENT,
    )  # fmt: skip


def since(before: Mapping[int, str]) -> Column:
    """What changed since the judgement before it."""
    return Column(
        "change", "Since the one before", value=lambda row: change(before.get(row.pk), row.overall), missing=""
    )


def limited() -> Column:
    return Column(
        "limiting", "Limiting judgement", missing="",
        value=lambda row: limiting(overall=row.overall, protection=row.protection, leadership=row.leadership),
    )  # fmt: skip


def inspected_on(sort: str | None = None) -> Column:
    return Column("inspected_on", "Inspected on", kind="date", sort=sort)


def establishment(sort: str | None = None) -> Column:
    return Column(
        "establishment", "Establishment", value=lambda row: row.establishment.shown_name, sort=sort,
        link=lambda row: reverse("establishment", args=[row.establishment.uuid]),
    )  # fmt: skip


def provider() -> Column:
    return Column(
        "provider", "Provider", value=lambda row: row.provider and row.provider.name, missing="owner not in the file",
        link=lambda row: reverse("provider", args=[row.provider.uuid]) if row.provider else None,
    )  # fmt: skip


def event(row: Inspection) -> str:
    """ "Full inspection 10090001", without a number where the file gives none."""
    number = "" if row.event_number.startswith("on ") else f" {row.event_number}"
    heard = ""
    if row.heard_at is not None and row.source_import_id is None:
        heard = ", heard in error and withdrawn" if row.withdrawn_at else ", heard and not yet in a file"
    return f"{row.event_type or 'Inspection'}{number}{heard}"

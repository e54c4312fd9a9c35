"""Open homes outside the authority or over 20 miles away, who approved them, and whether the host was told in time."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from ..models import DistanceApproval, Placement
from ..rules.clocks import host_due
from ..rules.distance import FAR, LABELS, label, over_20

AWAY = Q(boundary="out") | Q(distance_miles__gt=FAR)


@dataclass(frozen=True)
class Away:
    """One home; `approval` is None where nothing is recorded. `told_by` is the last day on which the host authority is
    told in time; None inside the authority, where there is no host."""

    placement: Placement
    approval: DistanceApproval | None
    told_by: date | None
    day: date

    @property
    def told_on(self) -> date | None:
        return self.approval.host_told_on if self.approval else None

    @property
    def approved(self) -> bool:
        return self.approval is not None and self.approval.approved_on is not None

    @property
    def told(self) -> str:
        """ "" where there is no host; "yes", "late", "due" or "overdue"."""
        if self.told_by is None:
            return ""
        if self.told_on is not None:
            return "yes" if self.told_on <= self.told_by else "late"
        return "overdue" if self.told_by < self.day else "due"

    @property
    def label(self) -> str:
        return label(self.placement.distance_miles, self.placement.boundary)


def away(day: date) -> list[Away]:
    """Those whose host is overdue to be told first, then those without approval, then the farthest. Two queries."""
    rows = Placement.objects.on(day).filter(AWAY).defer("sent")
    rows = rows.select_related("child", "provider", "pathway_place", "host_authority", "referral")
    approvals = {row.placement_id: row for row in DistanceApproval.objects.filter(placement__in=_keys(day))}
    found = [Away(row, approvals.get(row.pk), _told_by(row), day) for row in rows]
    return sorted(
        found, key=lambda row: (row.told != "overdue", row.approved, -(row.placement.distance_miles or 0),
                                row.placement.number)
    )  # fmt: skip


def _keys(day: date) -> QuerySet:
    return Placement.objects.on(day).filter(AWAY).order_by().values("pk")


def _told_by(row: Placement) -> date | None:
    if row.boundary != "out":
        return None
    return host_due(row.starts_on, planned=row.referral is not None and row.referral.urgency == "planned")


def by_label(day: date) -> dict[str, int]:
    """The DfE's label -> how many open homes, all five in their order. One query."""
    found: Counter[str] = Counter()
    rows = Placement.objects.on(day).order_by().values("distance_miles", "boundary")
    for row in rows.annotate(n=Count("pk")):
        found[label(row["distance_miles"], row["boundary"])] += row["n"]
    return {words: found[words] for words in LABELS}


def is_far(placement: Placement) -> bool:
    return placement.distance_miles is not None and over_20(placement.distance_miles)

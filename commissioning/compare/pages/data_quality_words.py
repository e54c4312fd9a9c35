"""Where each thing is put right: the form that does it, or, for whoever may not use it, the page that shows the row."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from commissioning.kernel import wording

from ..rules.data_quality import RESOURCES, Fault, Row
from ..rules.data_quality_rows import Reply, Returned, Said, Search, Visited

# rule -> (name of the address, what it takes, what one must be allowed: verb and resource)
_CHANGE = ("placement-change", "row", "change", "placements")
_END = ("placement-end", "row", "change", "placements")
_DISTANCE = ("distance", "row", "change", "placements")
_AMEND = ("agreement-amend", "row", "create", "agreements")
_ANSWER = ("referral-answer", "offer", "change", "referrals")
_NEW_LINE = ("line-new", "row", "create", "cost-lines")
FORMS = {
    "registration": _CHANGE, "establishment": _CHANGE, "planned_end": _CHANGE, "home_closed": _CHANGE,
    "home_of_provider": _CHANGE, "home_registered": _CHANGE,
    "distance": _DISTANCE, "host": _DISTANCE, "home_where": _DISTANCE,
    "end_reason": _END, "ended_by": _END, "destination": _END,
    "suspended": ("suspension", "part", "read", "suspensions"),
    "child_view": ("referral-view", "row", "change", "referrals"),
    "answer": _ANSWER, "decline_reason": _ANSWER, "offer_price": _ANSWER, "suitable": _ANSWER,
    "search_open": ("referral-close", "row", "change", "referrals"),
    "agreement": ("agreement-new", "row", "create", "agreements"),
    "signed": _AMEND, "included": _AMEND, "agreed_lines": _AMEND, "agreed_end": _AMEND,
    "price": _NEW_LINE, "framework_price": _NEW_LINE,
    "line_within": ("line-end", "line", "change", "cost-lines"),
    "provider": ("import-send", "placements", "import", "placements"),
    "spot_reason": ("import-send", "placements", "import", "placements"),
    "answer_home": ("import-send", "surveys", "import", "surveys"),
    "answer_provider": ("import-send", "surveys", "import", "surveys"),
}  # fmt: skip


def needing(rows: int) -> str:
    """ "87 rows need something" """
    return "1 row needs something" if rows == 1 else f"{wording.number(rows)} rows need something"


def put_right(fault: Fault, user: Any) -> str:
    """The address of the form, or of the row where its reader may not use it."""
    name, takes, verb, resource = FORMS.get(fault.rule.key, ("", "", "", ""))
    if not name or not user.may(verb, resource):
        return shown(fault.row)
    row = fault.row
    match takes:
        case "row":
            return reverse(name, args=[row.uuid])
        case "part":
            return reverse(name, args=[row.part])
        case "offer" | "line":
            return reverse(name, args=[row.uuid, row.part])
    return f"{reverse(name)}?{urlencode({'source': takes})}"


def shown(row: Row) -> str:
    """The page of the row itself."""
    if isinstance(row, Search | Reply):
        return reverse("referral", args=[row.uuid])
    if isinstance(row, Visited):
        return reverse("visit", args=[row.uuid])
    if isinstance(row, Returned):
        return reverse("kpi-return", args=[row.uuid]) if row.uuid else reverse("kpi-lot", args=[row.part])
    if isinstance(row, Said):
        return reverse("asking-home", args=[row.uuid]) if row.uuid else reverse("voice")
    return reverse("placement", args=[row.uuid])


def readable(user: Any) -> list[str]:
    """The resources whose rows this person may read."""
    return [resource for resource in RESOURCES if user.may("read", resource)]

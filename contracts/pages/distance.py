"""Children who live outside the authority or over 20 miles from home: the list, and the record of one home."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Authority
from providers.pages.tones import ToneColumn

from ..actions.watch import approve_distance, distance_between, set_distance
from ..forms_watch import AREAS, DistanceForm
from ..measures.distance import Away, away, by_label, is_far
from ..models import DistanceApproval, Placement
from ..rules import codes
from ..rules.clocks import HOST_RULE, host_due, share
from ..rules.distance import LABELS, UNKNOWN
from ..sources.postcodes import fold, places_of
from .placement import crumbs_of
from .placement_words import home_of, lives_there
from .watch_forms import saved
from .who import own_placement

NOUN = ("home", "homes")
TITLE = "Far from home"
TOLD = {
    "overdue": "overdue",
    "due": "not told, in time",
    "late": "told late",
    "yes": "told in time",
}
TOLD_TONES = {"overdue": "harm", "due": "needs", "late": "needs", "yes": "good"}
FAR = {"yes": "over 20 miles", "no": "20 miles or less", "unknown": "not known"}
APPROVED = {"yes": "approved", "no": "not approved"}
SAID = ("reason", "note", "approved_by", "approved_on", "host_told_on")
MEASURED = ("distance_miles", "boundary", "host_area")


@allowed("placements")
def distance_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    everything = away(today)
    asked = ask(request.GET, _questions(everything), everything)
    columns = columns_of()
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", "")))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title=TITLE, sentence=sentence)
    labels = by_label(today)
    table = Table.for_request(
        request, columns, rows, "Outside the authority, or over 20 miles away", noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(request, bool(everything), labels),
    )  # fmt: skip
    return render(request, "contracts/distance.html", {
        "table": table, "summary": _summary(labels), "sentence": sentence if everything else "",
        "fields": asked.fields if everything else [], "answer": _answer(everything, labels), "rule": HOST_RULE,
    })  # fmt: skip


def _questions(rows: list[Away]) -> list[Question]:
    hosts = {str(row.placement.host_authority.uuid): row.placement.host_authority.name
             for row in rows if row.placement.host_authority_id}  # fmt: skip
    return [
        Question("told", "Host authority", TOLD, lambda row, value: row.told == value),
        Question("approved", "Approval", APPROVED, lambda row, value: row.approved == (value == "yes")),
        Question("far", "Distance", FAR, _is),
        Question("boundary", "Where", {key: words for key, words in codes.BOUNDARY.items() if key},
                 lambda row, value: row.placement.boundary == value),
        Question("host", "Host", dict(sorted(hosts.items(), key=lambda pair: pair[1])), _hosted),
        Question("reason", "Why", {key: words for key, words in codes.DISTANCE_REASONS.items() if key},
                 lambda row, value: row.approval is not None and row.approval.reason == value),
    ]  # fmt: skip


def _is(row: Away, value: str) -> bool:
    if row.placement.distance_miles is None:
        return value == "unknown"
    return value == ("yes" if is_far(row.placement) else "no")


def _hosted(row: Away, value: str) -> bool:
    host = row.placement.host_authority
    return host is not None and str(host.uuid) == value


def _answer(rows: list[Away], labels: dict[str, int]) -> str:
    """ "61 of 140 open homes are outside the authority or over 20 miles away. 4 have no approval recorded." """
    total = sum(labels.values())
    if not total:
        return ""
    late = sum(row.told == "overdue" for row in rows)
    bare = sum(not row.approved for row in rows)
    verb = "is" if len(rows) == 1 else "are"
    said = [f"{len(rows):,} of {total:,} open homes {verb} outside the authority or over 20 miles away."]
    if late:
        said.append(f"Telling the host authority is overdue for {late:,}.")
    if bare:
        said.append(f"{bare:,} {'has' if bare == 1 else 'have'} no approval recorded.")
    if labels[UNKNOWN]:
        said.append(f"Of {labels[UNKNOWN]:,} the distance or the side of the boundary is not known.")
    return " ".join(said)


def _summary(labels: dict[str, int]) -> Table:
    total = sum(labels.values())
    rows = [{"label": words, "n": labels[words], "share": share(labels[words], total)} for words in LABELS]
    columns = [
        Column("label", "Distance and boundary"),
        Column("n", "Open homes", kind="number"),
        Column("share", "Share", kind="percent"),
    ]
    return Table(
        columns, rows if total else [], "By the DfE’s labels", per_page=None, noun=("label", "labels"), compact=True,
        footer={"label": "Together", "n": total, "share": 100} if total else None,
    )  # fmt: skip


def columns_of() -> list[Column]:
    def said(name: str):
        return lambda row: getattr(row.approval, name) if row.approval else None

    return [
        Column("child", "Child", value=lambda row: str(row.placement.child), sort="child",
               link=lambda row: reverse("placement", args=[row.placement.uuid])),
        Column("provider", "Lives with", value=lambda row: home_of(row.placement), sort="provider"),
        Column("since", "Since", value=lambda row: row.placement.starts_on, kind="date", sort="since"),
        Column("miles", "Distance", value=lambda row: row.placement.distance_miles, kind="number", unit="miles",
               sort="miles"),
        Column("boundary", "Where", value=lambda row: row.placement.get_boundary_display(), sort="boundary"),
        Column("host", "Host authority", value=lambda row: host_of(row.placement), sort="host"),
        Column("reason", "Why", value=lambda row: row.approval.get_reason_display() if row.approval else None,
               sort="reason"),
        Column("approved_by", "Approved by", value=said("approved_by"), missing="not approved"),
        Column("approved_on", "Approved on", value=said("approved_on"), kind="date", missing="not approved",
               sort="approved_on"),
        Column("told_on", "Host told on", value=lambda row: row.told_on, kind="date", missing="not told"),
        ToneColumn("told", "Host authority told", value=lambda row: wording.capital(TOLD.get(row.told, "")),
                   tone=lambda row: TOLD_TONES.get(row.told, "plain"), missing="no host",
                   link=lambda row: reverse("distance", args=[row.placement.uuid])),
    ]  # fmt: skip


def host_of(placement: Placement) -> str:
    if placement.host_authority_id:
        return placement.host_authority.name
    return AREAS.get(placement.host_area, placement.host_area)


def _nothing(request: HttpRequest, any_rows: bool, labels: dict[str, int]) -> EmptyState:
    if any_rows:
        return EmptyState("No home like that", "No home matches everything that you asked for.", "Show all",
                          request.path)  # fmt: skip
    why = "Open homes outside the authority, or over 20 miles from the child’s own home, stand here."
    if labels[UNKNOWN]:
        why += f" Of {labels[UNKNOWN]:,} open homes the distance or the boundary is not known yet."
    return EmptyState("No child lives far from home, as far as is recorded", why, "See all placements",
                      f"{reverse('placements')}?now=open")  # fmt: skip


@allowed("placements", "change")
@sensitive_variables()
@sensitive_post_parameters("home_postcode", "placed_postcode")
def distance(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = own_placement(uuid), timezone.localdate()
    approval = DistanceApproval.objects.filter(placement=found).first()
    initial: dict[str, Any] = {name: getattr(found, name) for name in MEASURED}
    initial["host_authority"] = found.host_authority.uuid if found.host_authority_id else ""
    initial |= {name: getattr(approval, name) for name in SAID} if approval else {}
    initial |= {"version": found.version, "approval_version": approval.version if approval else 0}
    form = DistanceForm(request.POST or None, initial=initial)

    def both_versions(refused: Any) -> None:
        """Placement and approval each have a version of their own: the form takes both as they stand."""
        now = DistanceApproval.objects.filter(placement=found).first()
        form.data["version"] = str(own_placement(uuid).version)
        form.data["approval_version"] = str(now.version if now else 0)

    due = host_due(found.starts_on, planned=found.referral is not None and found.referral.urgency == "planned")
    return saved(
        request, form, lambda: _save(found, form.cleaned_data, request.user, today),
        says=f"Distance and approval of {found} are recorded.", then=f"{reverse('placement', args=[uuid])}#distance",
        heading=f"{found}: distance and approval", crumb="Distance", crumbs=crumbs_of(found),
        after_stale=both_versions, answer=f"{lives_there(found, timezone.localdate())} Another "
        f"authority that is host is told by {wording.day(due)}.",
    )  # fmt: skip


@sensitive_variables()
def _save(found: Placement, given: dict[str, Any], by: Any, today: Any) -> None:
    """The distance and the approval together, or neither. The postcodes go no further than this."""
    measured = {name: given[name] for name in (*MEASURED, "host_authority")}
    if given["home_postcode"]:
        measured = _measured(found.authority, given["home_postcode"], given["placed_postcode"])
    set_distance(placement=found, version=given["version"], by=by, **measured)
    approve_distance(
        placement=found, version=given["approval_version"], by=by, today=today, **{name: given[name] for name in SAID}
    )


@sensitive_variables()
def _measured(authority: Authority, home_postcode: str, placed_postcode: str) -> dict[str, Any]:
    """ValidationError, by field and without the postcode, where the directory does not know one."""
    places = places_of([home_postcode, placed_postcode])
    home, placed = places.get(fold(home_postcode)), places.get(fold(placed_postcode))
    unknown = "No such postcode is known. Check it, or enter the distance yourself."
    problems = {}
    if home is None:
        problems["home_postcode"] = unknown
    if placed is None:
        problems["placed_postcode"] = unknown
    if home is None or placed is None:
        raise ValidationError(problems)
    return distance_between(authority, home, placed)

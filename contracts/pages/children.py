"""A child found by a reference, and one child: who, since when in care, where, with whom, under which references."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import count_events, read_events
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table

from ..actions.children import opened
from ..models import CareStatus, Child, ChildReference
from ..rules import codes
from ..rules.references import NotOurs
from .placement_words import bought_how, home_of, last_day_of, terms_of_frameworks
from .who import child_called, own_child

SHOWN_HISTORY = 10
UNOPENED = "sealed with another key"


@allowed("children")
def children(request: HttpRequest) -> HttpResponse:
    """Finds one child: there is no list to browse."""
    problem, typed = "", request.POST.get("search", "")
    if request.method == "POST":
        found = child_called(request, typed)
        if found is not None:
            return redirect("child", uuid=found.uuid)
        problem = "No child of yours has that number or reference. Check it as the other system writes it."
    total = Child.objects.count()
    return render(request, "contracts/child_find.html", {
        "problem": problem, "typed": typed, "total": total, "may_record": request.user.may("create", "placements"),
    })  # fmt: skip


@allowed("children")
def child(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found, today = own_child(uuid), timezone.localdate()
    references = list(found.references.order_by("scheme", "pk"))
    statuses = list(found.care_statuses.order_by("-starts_on"))
    homes = list(
        found.placements.select_related("provider", "pathway_place", "award").defer("sent").order_by("-starts_on")
    )
    may_change = request.user.may("change", "children")
    what = _history_of(found, references, statuses)
    return render(request, "contracts/child.html", {
        "child": found, "answer": _answer(found, homes, statuses, today), "may_change": may_change,
        "facts": _facts(found, today, may_change), "references": _references(found, references, may_change),
        "statuses": _statuses(found, statuses, may_change, today), "homes": _homes(found, homes, today),
        "referrals": _referrals(found), "siblings": _siblings(found), "may_split": len(references) > 1,
        "may_place": request.user.may("create", "placements"), "history": read_events(what, stop=SHOWN_HISTORY),
        "history_count": count_events(what, most=1000),
    })  # fmt: skip


def _history_of(found: Child, references: list[ChildReference], statuses: list[CareStatus]) -> dict[Any, Q]:
    rows = {ChildReference: references, CareStatus: statuses}
    kept = {model: Q(row_id__in=[row.pk for row in each]) for model, each in rows.items() if each}
    return {Child: Q(row_id=found.pk), **kept}


def _answer(found: Child, homes: list[Any], statuses: list[CareStatus], today: date) -> str:
    """ "13 years old, looked after since 3 March 2024. Has lived with Alder Fostering since 2 June 2025." """
    age = found.age_on(today)
    said = [f"{age} years old"] if age is not None else ["Age not recorded"]
    running = [row for row in statuses if row.starts_on <= today and (not row.ends_before or row.ends_before > today)]
    now = running[0] if running else None
    if now is not None:
        said.append(f"{now.get_status_display().lower()} since {wording.day(now.starts_on)}")
    here = [row for row in homes if row.starts_on <= today and (row.ends_before is None or row.ends_before > today)]
    here.sort(key=lambda row: row.respite)
    if not here:
        return f"{', '.join(said)}. No home is recorded for today."
    where = home_of(here[0]) or "a provider that is not recorded"
    where = "our own carers or home" if where == "Our own" else where
    stay = f", and stays with {home_of(here[1])} for a short time" if len(here) > 1 else ""
    return f"{', '.join(said)}. Has lived with {where} since {wording.day(here[0].starts_on)}{stay}."


def _facts(found: Child, today: date, may_change: bool) -> list[tuple[Any, ...]]:
    month = found.birth_month
    disabilities = ", ".join(codes.DISABILITIES.get(key, key) for key in found.disabilities)
    changed = [
        ("Date of birth", "Recorded, not shown" if month else None),
        ("Sex", found.get_sex_display() or None),
        ("Ethnicity", found.get_ethnicity_display() or None),
        ("Disability", disabilities or None),
        ("Education, health and care plan", _yes_no(found.ehcp)),
        ("Unaccompanied asylum seeker", _yes_no(found.unaccompanied)),
    ]
    link = (reverse("child-change", args=[found.uuid]), "Change") if may_change else ()
    return [
        ("Number", found.number),
        ("Age", found.age_on(today)),
        ("Month of birth", f"{month:%B %Y}" if month else None),
        *((*fact, *link) for fact in changed),
    ]


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "Yes" if value else "No"


def said_reference(reference: ChildReference, found: Child) -> str:
    """As it was written: on this child's own pages alone."""
    try:
        return opened(reference, found.authority)
    except NotOurs:
        return UNOPENED


def _references(found: Child, rows: list[ChildReference], may_change: bool) -> Table:
    columns = [
        Column("reference", "Reference", value=lambda row: said_reference(row, found)),
        Column("scheme", "Whose", value=lambda row: row.get_scheme_display()),
    ]
    add = ("Add a reference", reverse("child-reference-new", args=[found.uuid])) if may_change else ()
    empty = EmptyState("No reference", "What other systems call this child stands here, so that it is found.", *add)
    return Table(
        columns, rows, "References", per_page=None, noun=("reference", "references"), empty=empty, compact=True
    )


def _statuses(found: Child, rows: list[CareStatus], may_change: bool, today: date) -> Table:
    columns = [
        Column("status", "Care status", value=lambda row: row.get_status_display()),
        Column("legal_status", "Legal status", value=lambda row: row.get_legal_status_display() or None),
        Column("starts_on", "From", kind="date"),
        Column("last_day", "Last day", value=lambda row: last_day_of(row.ends_before) or None, missing="open"),
    ]
    if may_change:
        columns.append(
            Column(
                "end",
                "Change",
                value=lambda row: "" if row.ends_before else "End this status",
                missing="",
                link=lambda row: None if row.ends_before else reverse("child-status-end", args=[found.uuid, row.uuid]),
            )  # fmt: skip
        )
    add = ("Add a care status", reverse("child-status-new", args=[found.uuid])) if may_change else ()
    empty = EmptyState("No care status", "Why your authority has a duty to the child stands here, by period.", *add)
    return Table(columns, rows, "Care status", per_page=None, noun=("status", "statuses"), empty=empty, compact=True)


def _homes(found: Child, rows: list[Any], today: date) -> Table:
    terms = terms_of_frameworks() if any(row.award_id for row in rows) else {}

    def how(row: Any) -> str:
        last = min(today, row.ends_before) if row.ends_before else today
        return bought_how(row, max(last, row.starts_on), terms)

    columns = [
        Column(
            "placement", "Placement", value=str, link=lambda row: reverse("placement", args=[row.uuid]),
        ),
        Column("service", "Kind of home", value=lambda row: row.get_service_type_display()),
        Column("home", "Provided by", value=home_of),
        Column("starts_on", "First night", kind="date"),
        Column("ends_before", "Left on", kind="date", missing="still open"),
        Column("how", "How it was bought", value=how),
        Column("ended", "Why it ended", value=lambda row: row.get_end_reason_display() or None,
               missing="" if all(row.ends_before is None for row in rows) else wording.NOT_RECORDED),
    ]  # fmt: skip
    empty = EmptyState("No home yet", "Each home of this child stands here, the newest first.")
    return Table(columns, rows, "Homes", per_page=None, noun=("home", "homes"), empty=empty, compact=True)


def _referrals(found: Child) -> Table:
    columns = [
        Column("referral", "Referral", value=str, link=lambda row: f"/referrals/{row.uuid}/"),
        Column("opened_at", "Opened", kind="instant"),
        Column("service", "Sought", value=lambda row: row.get_service_type_display()),
        Column("needed_by", "Needed by", kind="date"),
        Column("outcome", "Outcome", value=lambda row: row.get_outcome_display() or None, missing="still open"),
    ]
    rows = list(found.referrals.order_by("-opened_at"))
    empty = EmptyState("No referral", "Each search for a home for this child stands here.")
    return Table(columns, rows, "Referrals", per_page=None, noun=("referral", "referrals"), empty=empty, compact=True)


def _siblings(found: Child) -> list[Child]:
    if found.sibling_group_id is None:
        return []
    return list(Child.objects.filter(sibling_group=found.sibling_group_id).exclude(pk=found.pk).order_by("number"))

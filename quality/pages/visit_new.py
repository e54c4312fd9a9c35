"""A visit planned: the home found first, then what, when and how, with a warning where another borough goes too."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from providers.models import Establishment, Premises, WorkingName

from ..actions.plan_visit import fits_kind, plan_visit
from ..forms_visits import PlanForm
from ..models import Visit, VisitTemplate
from .asked import uuid_of
from .visit_change import people_of, person

NEAR_DAYS = 90
SHOWN = 25


@allowed("visits", "create")
def visit_new(request: HttpRequest) -> HttpResponse:
    earlier = _earlier(request)
    home = earlier.establishment if earlier else _home(request)
    return _plan(request, home, earlier) if home else _find(request)


def _home(request: HttpRequest) -> Establishment | None:
    key = uuid_of(request.GET.get("home"))
    return Establishment.objects.select_related("provider").filter(uuid=key).first() if key else None


def _earlier(request: HttpRequest) -> Visit | None:
    """The visit of our own that this one follows."""
    key = uuid_of(request.GET.get("follows"))
    rows = Visit.objects.select_related("establishment__provider", "premises", "template")
    return rows.filter(uuid=key, authority=request.user.authority_id).first() if key else None


def _find(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").strip()[:200]
    rows = _found(typed) if typed else []
    columns = [
        Column("home", "Home", value=lambda row: row.shown_name, link=lambda row: f"?home={row.uuid}"),
        Column("urn", "URN", value=lambda row: row.urn),
        Column("kind", "Kind", value=lambda row: row.get_kind_display()),
        Column("area", "Area", value=lambda row: row.area_name),
        Column("provider", "Provider", value=lambda row: row.provider.name if row.provider_id else None),
    ]
    table = Table(
        columns, rows[:SHOWN], "Homes and agencies found", per_page=None, noun=("home", "homes"),
        empty=EmptyState("No home like that", "Check the spelling, or type the URN that the regulator gave it."),
    ) if typed else None  # fmt: skip
    return render(request, "quality/visit_find.html", {
        "table": table, "typed": typed, "more": len(rows) > SHOWN, "shown": SHOWN,
    })  # fmt: skip


def _found(typed: str) -> list[Establishment]:
    named = WorkingName.objects.filter(establishment=OuterRef("pk"), name__icontains=typed)
    rows = Establishment.objects.select_related("provider").filter(closed_on=None).filter(
        Q(urn__iexact=typed) | Q(name__icontains=typed) | Q(provider__name__icontains=typed) | Exists(named)
    )  # fmt: skip
    return list(rows.order_by("name", "urn")[: SHOWN + 1])


def _plan(request: HttpRequest, home: Establishment, earlier: Visit | None) -> HttpResponse:
    today = timezone.localdate()
    form = _form(request, home, earlier, near=warning(home, today, today))
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = _save(request, form, home, earlier, today)
        except ValidationError as refused:
            if hasattr(refused, "error_dict") and "go" in refused.error_dict and "go" not in form.fields:
                form = _form(request, home, earlier, near="yes")
                form.is_valid()
            form.add_problems(refused)
        else:
            messages.success(request, f"The visit to {home.shown_name} is planned for {wording.day(made.planned_on)}.")
            return redirect("visit", uuid=made.uuid)
    return render(request, "quality/visit_form.html", {
        "form": form, "heading": f"Plan {'a re-visit' if earlier else 'a visit'} to {home.shown_name}",
        "crumb": "Plan a visit", "crumbs": [("Visits", reverse("visits")), ("Find the home", reverse("visit-new"))],
        "answer": warning(home, today, today), "needs": bool(warning(home, today, today)),
    })  # fmt: skip


def _form(request: HttpRequest, home: Establishment, earlier: Visit | None, *, near: str) -> PlanForm:
    templates = [each for each in VisitTemplate.objects.in_use().order_by("name") if fits_kind(each, home.kind)]
    premises = Premises.objects.filter(establishment=home, left_on=None).order_by("name", "area_name", "ordinal")
    initial: dict[str, Any] = {"lead": str(request.user.uuid), "announced": "yes"}
    if earlier:
        same = next((each for each in templates if each.code == earlier.template.code), None)
        initial |= {
            "template": str(same.uuid) if same else "", "planned_on": earlier.revisit_due_on,
            "premises": str(earlier.premises.uuid) if earlier.premises_id else "",
        }  # fmt: skip
    return PlanForm(
        request.POST or None, initial=initial, near=near, people=people_of(request.user.authority_id),
        templates=[(str(each.uuid), f"{each.name} ({each.get_kind_display().lower()})") for each in templates],
        premises=[(str(each.uuid), each.shown_name) for each in premises],
    )  # fmt: skip


def _save(request: HttpRequest, form: PlanForm, home: Establishment, earlier: Visit | None, today: date) -> Visit:
    given = form.cleaned_data
    if not given.get("go") and (near := warning(home, given["planned_on"], today)):
        raise ValidationError({"go": f"{near} Tick this if you go all the same."})
    return plan_visit(
        authority_id=request.user.authority_id, establishment=home,
        template=VisitTemplate.objects.get(uuid=given["template"]), planned_on=given["planned_on"],
        premises=Premises.objects.get(uuid=given["premises"]) if given.get("premises") else None,
        announced=given["announced"] == "yes", young_inspectors=given["young_inspectors"], lead=person(given["lead"]),
        follows=earlier, by=request.user, today=today,
    )  # fmt: skip


def warning(home: Establishment, day: date, today: date) -> str:
    """ "Lewisham goes on 3 March 2026: rely on it instead." for every visit there within 90 days of `day`."""
    rows = Visit.objects.filter(establishment=home).exclude(state="cancelled").select_related("authority", "premises")
    around = (day - timedelta(days=NEAR_DAYS), day + timedelta(days=NEAR_DAYS))
    rows = rows.filter(
        Q(visited_on__range=around) | Q(visited_on=None, planned_on__range=around)
    ).order_by("planned_on", "pk")  # fmt: skip
    return " ".join(_near_words(each) for each in rows)


def _near_words(visit: Visit) -> str:
    whom = visit.authority.name
    place = f" ({visit.premises.shown_name})" if visit.premises_id else ""
    kind = {"desktop": " for a desktop review", "report": " for a report"}.get(visit.kind, "")
    if visit.visited_on:
        return f"{whom} went on {wording.day(visit.visited_on)}{place}{kind}: rely on it instead."
    return f"{whom} goes on {wording.day(visit.planned_on)}{place}{kind}: rely on it instead."

"""How often the authority monitors each kind of home: the usual, its reasons, and where it differs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, Table
from contracts.rules.codes import SERVICE_TYPES

from ..actions.set_intervals import set_intervals
from ..forms_monitoring import IntervalForm
from ..measures.coverage import own_rules
from ..rules.codes import VISIT_KINDS
from ..rules.intervals import KINDS, NOT_ASKED, USUAL, every_days
from .monitoring_links import monitoring_links

TITLE = "How often we monitor"


@allowed("monitoring")
def intervals(request: HttpRequest) -> HttpResponse:
    own = own_rules(request.user.authority_id)
    may = request.user.may("change", "monitoring")
    rows = [{"service": service, "name": name} for service, name in SERVICE_TYPES.items()]
    return render(request, "quality/intervals.html", {
        "table": Table(_columns(own, may=may), rows, "Days between two visits", per_page=None, caption_hidden=True,
                       noun=("kind of home", "kinds of home")),
        "reasons": Table(_reason_columns(), _reasons(), "Why the usual is as it is", per_page=None,
                         noun=("reason", "reasons")),
        "title": TITLE, "answer": _answer(own), "links": monitoring_links(request.user, request.path),
    })  # fmt: skip


def _columns(own: dict[tuple[str, str], int], *, may: bool) -> list[Column]:
    def says(row: Any, kind: str) -> str | None:
        days = every_days(row["service"], kind, own)
        if days is None:
            return None
        return f"{days} days" + (", your own" if (row["service"], kind) in own else "")

    columns = [Column("name", "Kind of home")]
    columns += [
        Column(kind, label, value=lambda row, kind=kind: says(row, kind), missing="not asked for")
        for kind, label in VISIT_KINDS.items()
    ]
    if may:
        columns.append(Column("change", "Change", value=lambda row: f"Change {row['name'].lower()}",
                              link=lambda row: reverse("interval-change", args=[row["service"]])))  # fmt: skip
    return columns


def _reasons() -> list[dict[str, Any]]:
    rows = [
        {"name": SERVICE_TYPES[service], "kind": VISIT_KINDS[kind], "days": each.days, "why": each.why}
        for service, kinds in USUAL.items() for kind, each in kinds.items()
    ]  # fmt: skip
    return rows + [
        {"name": SERVICE_TYPES[service], "kind": "All three", "days": None, "why": why}
        for service, why in NOT_ASKED.items()
    ]


def _reason_columns() -> list[Column]:
    return [
        Column("name", "Kind of home"), Column("kind", "Way"),
        Column("days", "Usual", kind="number", unit="days", missing="not asked for"), Column("why", "Why"),
    ]  # fmt: skip


def _answer(own: dict[tuple[str, str], int]) -> str:
    if not own:
        return "Your authority follows the partnership’s usual days everywhere."
    noun = "place" if len(own) == 1 else "places"
    return f"Your authority differs from the partnership’s usual days in {wording.number(len(own))} {noun}."


@allowed("monitoring", "change")
def interval_change(request: HttpRequest, service: str) -> HttpResponse:
    if service not in USUAL | NOT_ASKED:
        raise Http404
    own = own_rules(request.user.authority_id)
    usual = USUAL.get(service, {})
    asks = [
        (kind, f"{VISIT_KINDS[kind]}: days between two (optional)", f"Empty for the usual: {usual[kind].days} days. "
         f"{usual[kind].why}" if kind in usual else "Empty for the usual: none is asked for.")
        for kind in KINDS
    ]  # fmt: skip
    form = IntervalForm(request.POST or None, asks=asks, initial={kind: own.get((service, kind)) for kind in KINDS})
    if request.method == "POST" and form.is_valid():
        try:
            set_intervals(authority_id=request.user.authority_id, service_type=service, days=form.cleaned_data,
                          by=request.user)  # fmt: skip
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{SERVICE_TYPES[service]}: saved. Coverage and rota count by it from now on.")
            return redirect("intervals")
    name = SERVICE_TYPES[service]
    return render(request, "providers/form.html", {
        "form": form, "heading": f"{name}: how often we monitor", "crumb": name,
        "answer": NOT_ASKED.get(service, "Your own days change what your coverage asks, and nobody else’s."),
        "crumbs": [("Rota", reverse("rota")), (TITLE, reverse("intervals"))],
    })  # fmt: skip

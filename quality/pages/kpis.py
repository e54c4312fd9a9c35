"""What is measured: the definitions, one of them, its next version and its retirement."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import history_of
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table
from commissioning.partnership.actions.kpi_versions import WORDS, define_kpi, make_kpi_version, retire_kpi
from commissioning.partnership.models import Kpi, Lot, LotKpi, Statement
from commissioning.partnership.published_targets import Published, published_targets
from commissioning.partnership.rules.codes import KPI_FORMULAS, KPI_GOOD, KPI_PERIODS, SERVICE_TYPES
from providers.pages.saving import saved

from ..forms_kpis import KpiForm, RetireForm
from ..models import ContractKpi
from ..rules.kpi_ratings import OFFERED
from .kpi_words import thresholds, whence

NOUN = ("KPI", "KPIs")
WHENCE = {"returned": "returned by providers", "here": "worked out here"}


def running(day: Any) -> Q:
    return Q(starts_on__lte=day) & (Q(ends_before=None) | Q(ends_before__gt=day))


@allowed("kpis")
def kpis(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    everything = list(Kpi.objects.in_use().order_by("name"))
    asked = ask(request.GET, [
        Question("from", "Figures", WHENCE, lambda row, value: bool(row.formula) == (value == "here")),
        Question("for", "For", SERVICE_TYPES, lambda row, value: not row.service_types or value in row.service_types),
        Question("period", "How often", KPI_PERIODS, lambda row, value: row.period == value),
    ], everything)  # fmt: skip
    expected = Counter(LotKpi.objects.filter(running(today)).values_list("kpi__code", flat=True))
    columns = [
        Column("name", "KPI", link=lambda row: reverse("kpi", args=[row.uuid])),
        Column("numerator", "Counts"),
        Column("denominator", "Out of", missing="one figure, of nothing"),
        Column("unit", "Unit", value=lambda row: row.get_unit_display()),
        Column("good", "Good", value=lambda row: wording.capital(row.get_good_display())),
        Column("period", "How often", value=lambda row: row.get_period_display()),
        Column("whence", "Figures", value=whence),
        Column("statements", "I statements", missing="none", value=lambda row: ", ".join(map(str, row.statements))),
        Column("lots", "Lots that expect it", kind="number", value=lambda row: expected[row.code]),
    ]  # fmt: skip
    sentence = FilterSentence(asked.filters, len(asked.rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, asked.rows, title="KPIs", sentence=sentence)
    table = Table(
        columns, asked.rows, "KPIs", caption_hidden=True, per_page=None, noun=NOUN,
        downloads=downloads(request) if everything else (), empty=_nothing(everything),
    )  # fmt: skip
    return render(request, "quality/kpi_list.html", {
        "table": table, "fields": asked.fields, "sentence": sentence, "everything": everything,
        "answer": _list_answer(everything), "lots": _lots(today), "targets": _targets(everything), "offered": OFFERED,
        "may_create": request.user.may("create", "kpis"), "may_returns": request.user.may("read", "kpi-returns"),
    })  # fmt: skip


def _nothing(everything: list[Kpi]) -> EmptyState:
    if everything:
        return EmptyState("No KPI like that", "None matches everything that you chose.", "Show all", "?")
    return EmptyState("No KPIs yet", "The first ones are loaded when the platform is set up: ask whoever runs it to "
                      "load the reference data.")  # fmt: skip


def _list_answer(rows: list[Kpi]) -> str:
    if not rows:
        return ""
    here = sum(bool(row.formula) for row in rows)
    return (
        f"{len(rows)} KPIs are in use: {len(rows) - here} are returned by providers, {here} are worked out here from "
        "each authority’s own records."
    )


def _lots(today: Any) -> Table:
    rows = Lot.objects.select_related("framework").annotate(
        n=Count("kpis", filter=Q(kpis__starts_on__lte=today) & (Q(kpis__ends_before=None)
                                                                | Q(kpis__ends_before__gt=today))))  # fmt: skip
    columns = [
        Column("lot", "Lot", value=str, link=lambda row: reverse("kpi-lot", args=[row.uuid])),
        Column("framework", "Framework", value=lambda row: row.framework.name),
        Column("kind", "For", value=lambda row: row.get_service_type_display()),
        Column("n", "KPIs expected now", kind="number"),
    ]
    return Table(
        columns, list(rows.order_by("framework__name", "number")), "Lots and their KPIs", per_page=None,
        noun=("lot", "lots"), empty=EmptyState("No lots yet", "A lot appears here once its framework is recorded."),
    )  # fmt: skip


def _targets(everything: list[Kpi]) -> Table:
    known = {kpi.code: kpi for kpi in everything}

    def link(row: Published) -> str | None:
        return reverse("kpi", args=[known[row.kpi].uuid]) if row.kpi in known else None

    columns = [
        Column("measure", "What was published", value=lambda row: wording.capital(row.measure)),
        Column("whose", "Whose"),
        Column("target", "Target", value=target_words),
        Column("by", "By", value=lambda row: month(row.by) or None, missing="no day was published"),
        Column("kpi", "KPI", value=lambda row: known[row.kpi].name if row.kpi in known else None, link=link,
               missing="none counts the same"),
        Column("source", "Source"),
    ]  # fmt: skip
    return Table(columns, list(published_targets()), "Targets that members published", per_page=None,
                 noun=("target", "targets"))  # fmt: skip


def target_words(row: Published) -> str:
    return (
        f"{row.target}%" + (" at least" if "at least" in row.unit else "")
        if "percent" in row.unit
        else (f"{row.target} {row.unit}")
    )


def month(by: str) -> str:
    """ "2018-09" -> "September 2018" """
    names = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
             "November", "December")  # fmt: skip
    year, _, number = by.partition("-")
    return f"{names[int(number) - 1]} {year}" if number else year


@allowed("kpis")
def kpi(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(Kpi.objects.select_related("statement_set"), uuid=uuid)
    versions = list(Kpi.objects.filter(code=found.code).order_by("-number"))
    rows = LotKpi.objects.filter(kpi=found).select_related("lot__framework", "kpi")
    served = Statement.objects.filter(statement_set=found.statement_set_id, number__in=found.statements)
    newest = found.pk == versions[0].pk and found.retired_on is None
    return render(request, "quality/kpi.html", {
        "kpi": found, "answer": _answer(found, versions[0]), "facts": _facts(found), "versions": versions,
        "served": list(served) if found.statements else [], "lots": _expecting(rows), "contracts": _alone(found),
        "offered": OFFERED,
        "published": [(row, target_words(row), month(row.by)) for row in published_targets() if row.kpi == found.code],
        "may_change": newest and request.user.may("change", "kpis"), "newest": versions[0],
        "history": history_of(Kpi, row_uuid=found.uuid) if request.user.authority_id else None,
    })  # fmt: skip


def _answer(found: Kpi, newest: Kpi) -> str:
    of = f", out of: {found.denominator[:1].lower()}{found.denominator[1:]}" if found.denominator else ""
    said = f"{found.numerator}{of}. {KPI_GOOD[found.good].capitalize()}."
    if found.retired_on:
        return f"{said} Retired on {wording.day(found.retired_on)}: no lot can begin to expect it."
    return said if found.pk == newest.pk else f"{said} Version {newest.number} took the place of this one."


def _facts(found: Kpi) -> list[tuple[str, Any]]:
    formula = KPI_FORMULAS.get(found.formula, found.formula)
    kinds = ", ".join(SERVICE_TYPES.get(each, each) for each in found.service_types)
    return [
        ("Why it matters", found.why),
        ("What is counted", found.numerator),
        ("Out of what", found.denominator or "Nothing: it is one figure"),
        ("How", found.how),
        ("Unit", wording.capital(found.get_unit_display())),
        ("Good", wording.capital(found.get_good_display())),
        ("How often", found.get_period_display()),
        ("Figures", f"{whence(found)}: {formula.lower()}" if formula else whence(found)),
        ("For", kinds or "Every kind of lot"),
        ("Source", found.source),
    ]


def _expecting(rows: Any) -> Table:
    columns = [
        Column("lot", "Lot", value=lambda row: f"{row.lot.framework.name}, {row.lot}",
               link=lambda row: reverse("kpi-lot", args=[row.lot.uuid])),
        Column("target", "What it expects", value=thresholds),
        Column("starts_on", "From", kind="date"),
        Column("ends_before", "Ended before", kind="date", missing="still expected"),
    ]  # fmt: skip
    return Table(
        columns, list(rows.order_by("lot__framework__name", "lot__number", "starts_on")), "Lots that expect it",
        per_page=None, noun=("lot", "lots"),
        empty=EmptyState("No lot expects this version", "A framework’s lead sets what its lots expect, on the lot’s "
                         "page of KPIs."),
    )  # fmt: skip


_NAMED = ("kpi", "provider", "lot__framework")


def _alone(found: Kpi) -> Table | None:
    rows = ContractKpi.objects.filter(kpi=found).exclude(due_days=None).select_related(*_NAMED)
    columns = [
        Column("provider", "Provider", value=lambda row: row.provider.name,
               link=lambda row: reverse("provider", args=[row.provider.uuid])),
        Column("lot", "Lot", value=lambda row: f"{row.lot.framework.name}, {row.lot}",
               link=lambda row: reverse("kpi-lot", args=[row.lot.uuid])),
        Column("target", "What its contract expects", value=thresholds),
        Column("starts_on", "From", kind="date"),
        Column("ends_before", "Ended before", kind="date", missing="still holds"),
    ]  # fmt: skip
    listed = list(rows.order_by("provider__name", "starts_on"))
    return Table(columns, listed, "Contracts with which alone it is agreed", per_page=None,
                 noun=("contract", "contracts")) if listed else None  # fmt: skip


@allowed("kpis", "create")
def kpi_new(request: HttpRequest) -> HttpResponse:
    form = KpiForm(request.POST or None, initial={"good": "high"})

    def save() -> tuple[str, str]:
        made = define_kpi(by=request.user, **form.cleaned_data)
        return f"“{made.name}” is defined. Lots may expect it from now on.", reverse("kpi", args=[made.uuid])

    return saved(
        request, form, save, heading="Define a KPI", crumb="Define a KPI", crumbs=_crumbs(),
        template="quality/kpi_form.html",
        answer="Every member and every provider reads it. What it counts is never changed afterwards: another version "
        "follows.",
    )  # fmt: skip


@allowed("kpis", "change")
def kpi_version(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(Kpi, uuid=uuid)
    form = KpiForm(request.POST or None, initial={name: getattr(found, name) for name in WORDS})

    def save() -> tuple[str, str]:
        made = make_kpi_version(kpi=found, by=request.user, **form.cleaned_data)
        return f"Version {made.number} is made. A lot expects it once its lead says so.", reverse(
            "kpi", args=[made.uuid]
        )

    return saved(
        request, form, save, heading=f"{found.name}: version {found.number + 1}", crumb="Next version",
        crumbs=[*_crumbs(), (found.name, reverse("kpi", args=[uuid]))], template="quality/kpi_form.html",
        answer=f"Version {found.number} stays as it is, with what was returned on it.",
    )  # fmt: skip


@allowed("kpis", "change")
def kpi_retire(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(Kpi, uuid=uuid)
    form = RetireForm(request.POST or None)

    def save() -> tuple[str, str]:
        retire_kpi(kpi=found, by=request.user, today=timezone.localdate(), **form.cleaned_data)
        return f"“{found.name}” is retired.", reverse("kpis")

    n = LotKpi.objects.filter(running(timezone.localdate()), kpi__code=found.code).count()
    return saved(
        request, form, save, heading=f"{found.name}: retire it", crumb="Retire",
        crumbs=[*_crumbs(), (found.name, reverse("kpi", args=[uuid]))], template="quality/kpi_form.html",
        answer=f"No lot can begin to expect it. {n or 'No'} {'lot expects' if n == 1 else 'lots expect'} it now"
        + (", and goes on until the framework’s lead ends that." if n else "."),
    )  # fmt: skip


def _crumbs() -> list[tuple[str, str]]:
    return [("KPIs", reverse("kpis"))]

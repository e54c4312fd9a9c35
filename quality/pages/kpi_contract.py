"""What one contract is held to, a target of its own or a KPI that its lot does not expect: set, listed beside what the
lot expects, and ended. For the framework's lead."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, Table
from commissioning.partnership.models import Kpi, Lot, LotKpi
from providers.models import Award
from providers.pages.saving import saved

from ..actions.contract_kpi import agree_alone, hold_contract, take_back
from ..forms_kpis import AloneForm, ContractKpiForm, StopForm
from ..models import ContractKpi
from ..rules import kpi_periods
from .kpi_lot_change import _crumbs, must_be_led
from .kpi_words import thresholds, whence
from .kpis import running


def contracts_table(rows: Sequence[ContractKpi], *, leads: bool) -> Table:
    columns = contract_columns(leads and "Take it back")
    return Table(columns, rows, "Contracts with a target of their own", per_page=None, noun=("target", "targets"))


def alone_table(rows: Sequence[ContractKpi], *, leads: bool) -> Table:
    """Of KPIs that the lot does not expect."""
    columns = contract_columns(leads and "End it")
    columns[3:3] = [
        Column("whence", "Figures", value=lambda row: whence(row.kpi)),
        Column("due_days", "Days to return it", kind="number", missing="",
               value=lambda row: None if row.kpi.formula else row.due_days),
    ]  # fmt: skip
    return Table(columns, rows, "KPIs of one contract alone", per_page=None, noun=("KPI", "KPIs"))


def contract_columns(change: str | bool) -> list[Column]:
    """`change`: what ends one, where the viewer may."""
    columns = [
        Column("provider", "Provider", value=lambda row: row.provider.name,
               link=lambda row: reverse("provider", args=[row.provider.uuid])),
        Column("kpi", "KPI", value=lambda row: row.kpi.name, link=lambda row: reverse("kpi", args=[row.kpi.uuid])),
        Column("thresholds", "What this contract expects", value=thresholds),
        Column("starts_on", "From", kind="date"),
        Column("ends_before", "Ended before", kind="date", missing="still holds"),
    ]  # fmt: skip
    if change:
        columns.append(Column(
            "change", "Change", value=lambda row: change if _may_end(row) else None, missing="",
            link=lambda row: reverse("kpi-contract-end", args=[row.uuid]) if _may_end(row) else None,
        ))  # fmt: skip
    return columns


def _may_end(row: ContractKpi) -> bool:
    """A last day that was agreed at the beginning may be brought forward."""
    return row.ends_before is None or (row.alone and row.ends_before > timezone.localdate())


@allowed("lot-kpis", "change")
def kpi_contract(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = get_object_or_404(Lot.objects.select_related("framework"), uuid=uuid)
    must_be_led(request, lot)
    today = timezone.localdate()
    awards = Award.objects.in_force_on(today).filter(lot=lot).select_related("provider", "lot__framework")
    expected = LotKpi.objects.filter(running(today), lot=lot).select_related("kpi").order_by("kpi__name")
    form = ContractKpiForm(
        request.POST or None, awards=awards.order_by("provider__name"), kpis=[row.kpi for row in expected],
        initial={"starts_on": kpi_periods.period_of("quarter", today)[0]},
    )  # fmt: skip

    def save() -> tuple[str, str]:
        made = hold_contract(by=request.user, **form.cleaned_data)
        says = (
            f"{made.provider.name} is held to a target of its own for “{made.kpi.name}” from "
            f"{wording.day(made.starts_on)}: {thresholds(made)}."
        )
        return says, reverse("kpi-lot", args=[lot.uuid])

    return saved(
        request, form, save, heading=f"{lot}: a target of a contract’s own", crumb="A contract’s own target",
        crumbs=_crumbs(lot), template="quality/kpi_form.html",
        answer="It takes the place of what the lot expects of that KPI, for this provider alone. Every authority and "
        "the provider read it; no other provider does.",
    )  # fmt: skip


@allowed("lot-kpis", "change")
def kpi_alone(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = get_object_or_404(Lot.objects.select_related("framework"), uuid=uuid)
    must_be_led(request, lot)
    today = timezone.localdate()
    awards = Award.objects.in_force_on(today).filter(lot=lot).select_related("provider", "lot__framework")
    asked = set(LotKpi.objects.filter(running(today), lot=lot).values_list("kpi__code", flat=True))
    offered = [kpi for kpi in Kpi.objects.in_use().order_by("name")
               if kpi.code not in asked
               and (not kpi.service_types or lot.service_type in kpi.service_types)]  # fmt: skip
    form = AloneForm(
        request.POST or None, awards=awards.order_by("provider__name"), kpis=offered,
        initial={"starts_on": kpi_periods.period_of("quarter", today)[0]},
    )  # fmt: skip

    def save() -> tuple[str, str]:
        made = agree_alone(by=request.user, **form.cleaned_data)
        says = (
            f"“{made.kpi.name}” is agreed with {made.provider.name} alone from {wording.day(made.starts_on)}: "
            f"{thresholds(made)}."
        )
        return says, reverse("kpi-lot", args=[lot.uuid])

    return saved(
        request, form, save, heading=f"{lot}: agree a KPI with one contract alone", crumb="A KPI of one contract",
        crumbs=_crumbs(lot), template="quality/kpi_form.html",
        answer="The lot does not expect it of the others. Every authority and this provider read it; no other provider "
        "does. It ends with the contract.",
    )  # fmt: skip


@allowed("lot-kpis", "change")
def kpi_contract_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    rows = ContractKpi.objects.select_related("award__lot__framework", "kpi", "provider")
    row = get_object_or_404(rows, uuid=uuid)
    lot = row.award.lot
    must_be_led(request, lot)
    form = StopForm(request.POST or None, initial={"version": row.version})
    if not row.alone:
        form.fields["ends_before"].help_text = "Periods that end later are rated by what the lot expects."

    def save() -> tuple[str, str]:
        ended = take_back(own=row, by=request.user, **form.cleaned_data)
        day = wording.day(ended.ends_before)
        if row.alone:
            says = f"“{row.kpi.name}” is not asked of {row.provider.name} from {day}."
        else:
            says = f"From {day} {row.provider.name} is held to what the lot expects of “{row.kpi.name}”."
        return says, reverse("kpi-lot", args=[lot.uuid])

    what = "end" if row.alone else "take back its own target of"
    return saved(
        request, form, save, heading=f"{row.provider.name}: {what} “{row.kpi.name}”",
        crumb="End it" if row.alone else "Take it back", crumbs=_crumbs(lot), template="quality/kpi_form.html",
        answer=f"It has held since {wording.day(row.starts_on)}: {thresholds(row)}.",
    )  # fmt: skip

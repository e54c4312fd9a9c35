"""A target of a contract's own: set, listed beside what the lot expects, and taken back. For the framework's lead."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, Table
from commissioning.partnership.models import Lot, LotKpi
from providers.models import Award
from providers.pages.saving import saved

from ..actions.contract_kpi import hold_contract, take_back
from ..forms_kpis import ContractKpiForm, StopForm
from ..models import ContractKpi
from ..rules import kpi_periods
from .kpi_lot_change import _crumbs, must_be_led
from .kpi_words import thresholds
from .kpis import running


def contracts_table(rows: Sequence[ContractKpi], *, leads: bool) -> Table:
    columns = [
        Column("provider", "Provider", value=lambda row: row.provider.name,
               link=lambda row: reverse("provider", args=[row.provider.uuid])),
        Column("kpi", "KPI", value=lambda row: row.kpi.name, link=lambda row: reverse("kpi", args=[row.kpi.uuid])),
        Column("thresholds", "What this contract expects", value=thresholds),
        Column("starts_on", "From", kind="date"),
        Column("ends_before", "Ended before", kind="date", missing="still holds"),
    ]  # fmt: skip
    if leads:
        columns.append(Column(
            "change", "Change", value=lambda row: "Take it back" if row.ends_before is None else None, missing="",
            link=lambda row: reverse("kpi-contract-end", args=[row.uuid]) if row.ends_before is None else None,
        ))  # fmt: skip
    return Table(columns, rows, "Contracts with a target of their own", per_page=None, noun=("target", "targets"))


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
def kpi_contract_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    rows = ContractKpi.objects.select_related("award__lot__framework", "kpi", "provider")
    row = get_object_or_404(rows, uuid=uuid)
    lot = row.award.lot
    must_be_led(request, lot)
    form = StopForm(request.POST or None, initial={"version": row.version})
    form.fields["ends_before"].help_text = "Periods that end later are rated by what the lot expects."

    def save() -> tuple[str, str]:
        ended = take_back(own=row, by=request.user, **form.cleaned_data)
        says = (
            f"From {wording.day(ended.ends_before)} {row.provider.name} is held to what the lot expects of "
            f"“{row.kpi.name}”."
        )
        return says, reverse("kpi-lot", args=[lot.uuid])

    return saved(
        request, form, save, heading=f"{row.provider.name}: take back its own target of “{row.kpi.name}”",
        crumb="Take it back", crumbs=_crumbs(lot), template="quality/kpi_form.html",
        answer=f"It has held since {wording.day(row.starts_on)}: {thresholds(row)}.",
    )  # fmt: skip

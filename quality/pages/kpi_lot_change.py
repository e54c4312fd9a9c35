"""What a lot expects of a KPI: set or changed from a day on, and ended. For its framework's lead."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.models import Kpi, Lot, LotKpi
from providers.pages.saving import saved

from ..actions.expect_kpi import expect_kpi, stop_expecting
from ..forms_kpis import ExpectForm, StopForm, plain
from ..rules import kpi_periods
from ..rules.kpi_ratings import OFFERED
from .asked import uuid_of
from .kpi_words import thresholds
from .kpis import running


def _crumbs(lot: Lot) -> list[tuple[str, str]]:
    return [("KPIs", reverse("kpis")), (str(lot), reverse("kpi-lot", args=[lot.uuid]))]


def must_be_led(request: HttpRequest, lot: Lot) -> None:
    if lot.framework.lead_authority_id != request.user.authority_id:
        raise PermissionDenied("Only the framework’s lead authority sets what its lots expect.")


@allowed("lot-kpis", "change")
def kpi_expect(request: HttpRequest, uuid: UUID) -> HttpResponse:
    lot = get_object_or_404(Lot.objects.select_related("framework"), uuid=uuid)
    must_be_led(request, lot)
    today = timezone.localdate()
    offered = [kpi for kpi in Kpi.objects.in_use().order_by("name")
               if not kpi.service_types or lot.service_type in kpi.service_types]  # fmt: skip
    form = ExpectForm(request.POST or None, kpis=offered, initial=_initial(request, lot, today))

    def save() -> tuple[str, str]:
        made = expect_kpi(lot=lot, by=request.user, **form.cleaned_data)
        return (
            f"“{made.kpi.name}” is expected from {wording.day(made.starts_on)}: {thresholds(made)}.",
            reverse("kpi-lot", args=[lot.uuid]),
        )

    return saved(
        request, form, save, heading=f"{lot}: expect a KPI", crumb="Expect a KPI", crumbs=_crumbs(lot),
        template="quality/kpi_form.html",
        answer="What the lot expects of the same KPI until then ends on that day. Figures already returned keep their "
        f"rating. {OFFERED}",
    )  # fmt: skip


def _initial(request: HttpRequest, lot: Lot, today: object) -> dict[str, object]:
    """What stands now, where the address names a KPI by its newest version."""
    starts_on = kpi_periods.period_of("quarter", today)[0]  # type: ignore[arg-type]
    named = uuid_of(request.GET.get("kpi"))
    kpi = Kpi.objects.filter(uuid=named).first() if named else None
    if kpi is None:
        return {"starts_on": starts_on}
    stands = LotKpi.objects.filter(running(today), lot=lot, kpi__code=kpi.code).first()
    if stands is None:
        return {"kpi": str(kpi.uuid), "starts_on": starts_on}
    return {
        "kpi": str(kpi.uuid), "starts_on": starts_on, "target": plain(stands.target),
        "approaching": plain(stands.approaching), "improvement": plain(stands.improvement),
        "due_days": stands.due_days,
    }  # fmt: skip


@allowed("lot-kpis", "change")
def kpi_stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = get_object_or_404(LotKpi.objects.select_related("lot__framework", "kpi"), uuid=uuid)
    must_be_led(request, row.lot)
    form = StopForm(request.POST or None, initial={"version": row.version})

    def save() -> tuple[str, str]:
        stopped = stop_expecting(expected=row, by=request.user, **form.cleaned_data)
        return f"“{row.kpi.name}” is not expected from {wording.day(stopped.ends_before)}.", reverse(
            "kpi-lot", args=[row.lot.uuid]
        )

    return saved(
        request, form, save, heading=f"{row.lot}: end “{row.kpi.name}”", crumb="End it", crumbs=_crumbs(row.lot),
        template="quality/kpi_form.html",
        answer=f"It has been expected since {wording.day(row.starts_on)}: {thresholds(row)}.",
    )  # fmt: skip

"""What a lot expects of a KPI: set or changed from a day on, and ended. For its framework's lead."""

from datetime import date, timedelta
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.forms import PageForm
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Kpi, Lot, LotKpi
from contracts.pages.referral_words import plural
from providers.pages.saving import saved

from ..actions.check_return import verify_returns
from ..actions.expect_kpi import expect_kpi, stop_expecting
from ..forms_kpis import ExpectForm, StopForm, plain
from ..measures.kpi_returns import slots
from ..rules import kpi_periods
from ..rules.kpi_ratings import OFFERED
from .asked import uuid_of
from .kpi_words import out_of, rated, thresholds
from .kpis import running


def _crumbs(lot: Lot) -> list[tuple[str, str]]:
    return [("KPIs", reverse("kpis")), (str(lot), reverse("kpi-lot", args=[lot.uuid]))]


def day_after(last_day: str) -> date:
    try:
        return date.fromisoformat(last_day) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise Http404 from None


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


class VerifyForm(PageForm):
    button = "Verify all of them"

    seen = forms.CharField(widget=forms.HiddenInput)


@allowed("kpi-returns", "check")
def kpi_verify(request: HttpRequest, uuid: UUID, last_day: str) -> HttpResponse:
    """What came for the periods that end that day and nobody has checked, verified in one step."""
    lot = get_object_or_404(Lot.objects.select_related("framework"), uuid=uuid)
    must_be_led(request, lot)
    ends_before, today = day_after(last_day), timezone.localdate()
    found = slots([lot], after=ends_before - timedelta(days=1), until=ends_before, today=today)
    rows = [row for slot in found for row in (slot.returned, *slot.homes) if row and slot.state_of(row) == "returned"]
    seen = " ".join(f"{row.pk}.{row.version}" for row in rows)
    form = VerifyForm(request.POST or None, initial={"seen": seen})

    def save() -> tuple[str, str]:
        if form.cleaned_data["seen"] != seen:
            form.data = form.data | {"seen": seen}
            raise ValidationError(
                "Something was sent or checked meanwhile. Look at the figures below, and decide again."
            )
        made = verify_returns(rows=rows, by=request.user, now=timezone.now())
        return f"{plural(made, 'figure is', 'figures are')} verified.", reverse("kpi-lot", args=[uuid])

    columns = [
        Column("kpi", "KPI", value=lambda row: row.expected.kpi.name,
               link=lambda row: reverse("kpi-return", args=[row.uuid])),
        Column("provider", "Provider", value=lambda row: row.provider.name),
        Column("figure", "Figure", value=lambda row: rated(row.value, row.rating, row.expected.kpi)),
        Column("of", "Out of", value=lambda row: out_of(row.numerator, row.denominator), missing=""),
        Column("narrative", "In words", missing=""),
    ]  # fmt: skip
    table = Table(
        columns, rows, "Not checked yet", per_page=None, noun=("figure", "figures"),
        empty=EmptyState("Nothing to check", "Everything that came for these periods has been checked."),
    )  # fmt: skip
    return saved(
        request, form, save, heading=f"{lot}: verify what came to {wording.day(ends_before - timedelta(days=1))}",
        crumb="Verify", crumbs=_crumbs(lot), template="quality/kpi_verify.html", table=table, any=bool(rows),
        answer=f"{plural(len(rows), 'figure has', 'figures have')} not been checked. What was queried, disputed or "
        "sent again is checked one by one.",
    )  # fmt: skip


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

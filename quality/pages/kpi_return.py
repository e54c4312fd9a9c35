"""One figure as it was returned: what it is, how it is rated, what the lead said, and how it has changed."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.audit.history import history_of
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from providers.pages.saving import saved
from providers.pages.tones import ToneColumn

from ..actions.check_return import check_return
from ..forms_kpis import CheckForm
from ..measures.contract_kpis import own_targets
from ..models import KpiCheck, KpiReturn
from ..rules import codes, kpi_periods
from ..rules.kpi_ratings import OFFERED
from ..rules.kpi_standing import state_of
from .kpi_words import STATE_TONES, exact, out_of, rated, thresholds


def found_return(uuid: UUID) -> KpiReturn:
    rows = KpiReturn.objects.with_kpi().select_related(
        "lot", "framework", "provider", "establishment", "sent_by", "source_import"
    )
    return get_object_or_404(rows, uuid=uuid)


def called(row: KpiReturn) -> str:
    whose = row.establishment.shown_name if row.establishment_id else row.provider.name
    return f"{row.expected.kpi.name}: {whose}, {kpi_periods.name_of(row.starts_on, row.ends_before)}"


def _state(row: KpiReturn, newest: KpiCheck | None) -> str:
    return state_of(row.version, (newest.return_version, newest.outcome) if newest else None)


@allowed("kpi-returns")
def kpi_return(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = found_return(uuid)
    checks = list(KpiCheck.objects.filter(kpi_return=row).select_related("checked_by").order_by("-pk"))
    state = _state(row, checks[0] if checks else None)
    leads = row.framework.lead_authority_id == request.user.authority_id
    return render(request, "quality/kpi_return.html", {
        "row": row, "called": called(row), "facts": _facts(row), "state": codes.KPI_STATES[state],
        "tone": STATE_TONES[state], "answer": rated(row.value, row.rating, row.expected.kpi) + ".",
        "checks": _checks(checks, row), "waiting": checks[0] if state in ("queried", "disputed") else None,
        "may_check": leads and request.user.may("check", "kpi-returns"),
        "may_send": request.user.may("create", "kpi-returns"), "send": send_address(row),
        "history": history_of(KpiReturn, row_uuid=row.uuid), "offered": OFFERED,
    })  # fmt: skip


def send_address(row: Any) -> str:
    """Where the provider enters the figures of that lot and period."""
    last = kpi_periods.due_on(row.ends_before, 0)
    address = reverse("kpi-send", args=[row.lot.uuid, last.isoformat()])
    home = getattr(row, "establishment", None)
    return f"{address}?home={home.uuid}" if home else address


def _facts(row: KpiReturn) -> list[tuple[str, Any]]:
    kpi = row.expected.kpi
    due = kpi_periods.due_on(row.ends_before, row.expected.due_days or 0)
    came = timezone.localdate(row.sent_at)
    late = f", {(came - due).days} {'day' if (came - due).days == 1 else 'days'} late" if came > due else ", in time"
    return [
        ("Lot", f"{row.framework.name}, {row.lot}"),
        ("Whose", row.establishment.shown_name if row.establishment_id else f"{row.provider.name} as a whole"),
        (kpi.numerator, exact(row.numerator if kpi.denominator else row.value)),
        *([(kpi.denominator, exact(row.denominator))] if kpi.denominator else []),
        ("Figure", rated(row.value, row.rating, kpi) + (f" ({out_of(row.numerator, row.denominator)})"
                                                        if row.denominator is not None else "")),
        *_expects(row),
        ("What the provider says", row.narrative or "Nothing"),
        ("First returned", f"{wording.day(came)}{late}"),
        ("By", row.sent_by.name if row.sent_by_id else ("from a file that the lead loaded"
                                                        if row.source_import_id else None)),
    ]  # fmt: skip


def _expects(row: KpiReturn) -> list[tuple[str, str]]:
    """What the figure is rated by comes first."""
    if row.lot_kpi is None:
        return [("What is agreed with this contract alone", thresholds(row.expected))]
    lots = ("What the lot expects", thresholds(row.lot_kpi))
    own = own_targets([row.lot_id], provider=row.provider_id)
    held = own.held(row.lot_id, row.provider_id, row.lot_kpi, kpi_periods.due_on(row.ends_before, 0))
    return [lots] if held is row.lot_kpi else [("What this contract expects", thresholds(held)), lots]


def _checks(checks: list[KpiCheck], row: KpiReturn) -> Table:
    columns = [
        ToneColumn("outcome", "Check", value=lambda each: each.get_outcome_display(),
                   tone=lambda each: STATE_TONES[each.outcome]),
        Column("words", "What was said", missing="nothing"),
        Column("at", "When", value=lambda each: each.checked_at, kind="instant"),
        Column("by", "By", value=lambda each: each.checked_by.name if each.checked_by_id else None),
        Column("of", "Of", value=lambda each: "what stands now" if each.return_version == row.version
               else "what was returned before"),
    ]  # fmt: skip
    return Table(
        columns, checks, "Checks by the lead, newest first", per_page=None, noun=("check", "checks"),
        empty=EmptyState("Not checked yet", "The framework’s lead verifies what was returned, or asks about it."),
    )  # fmt: skip


@allowed("kpi-returns", "check")
def kpi_check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = found_return(uuid)
    if row.framework.lead_authority_id != request.user.authority_id:
        raise PermissionDenied("Only the framework’s lead authority checks what was returned.")
    form = CheckForm(request.POST or None, initial={"version": row.version})

    def save() -> tuple[str, str]:
        made = check_return(row=row, by=request.user, now=timezone.now(), **form.cleaned_data)
        more = "" if made.outcome == "verified" else " The provider is reminded of it in the morning."
        return f"It is {made.get_outcome_display().lower()}.{more}", reverse("kpi-return", args=[uuid])

    return saved(
        request, form, save, heading="Check a return", crumb="Check", template="quality/kpi_form.html",
        crumbs=[("KPIs", reverse("kpis")), ("Returns", reverse("kpi-returns")),
                (called(row), reverse("kpi-return", args=[uuid]))],
        answer=f"{called(row)}. {rated(row.value, row.rating, row.expected.kpi)}"
        + (f" ({out_of(row.numerator, row.denominator)})" if row.denominator is not None else "") + "."
        + (f" The provider says: “{row.narrative}”" if row.narrative else ""),
    )  # fmt: skip

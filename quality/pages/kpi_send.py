"""A provider enters its figures for one lot and the periods that end on one day."""

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.exports import file_name
from commissioning.kernel.exports.workbook import CONTENT_TYPE as XLSX
from commissioning.kernel.pages.allowed import allowed
from commissioning.partnership.models import Lot
from contracts.pages.referral_words import plural
from providers.models import Establishment
from providers.pages.saving import saved

from ..actions.return_kpis import return_kpis
from ..exports_kpis import returns_template
from ..forms_kpi_send import SendKpisForm, name_of
from ..measures.kpi_returns import Slot, slots
from .asked import uuid_of
from .kpi_lot_change import day_after
from .kpi_words import period, state_words, thresholds

MOST_HOMES = 200


@allowed("kpi-returns", "create")
def kpi_send(request: HttpRequest, uuid: UUID, last_day: str) -> HttpResponse:
    lot = get_object_or_404(Lot.objects.select_related("framework"), uuid=uuid)
    ends_before, today = day_after(last_day), timezone.localdate()
    asked = slots([lot], after=ends_before - timedelta(days=1), until=ends_before, today=today,
                  provider=request.user.provider_id)  # fmt: skip
    crumbs = [("KPIs", reverse("kpis")), ("Your returns", reverse("kpi-returns"))]
    title = f"{lot}: periods to {wording.day(ends_before - timedelta(days=1))}"
    if not asked or ends_before > today:
        if not _ever_there(lot, request.user.provider_id):
            raise Http404
        return render(request, "quality/kpi_send_none.html", {
            "title": title, "lot": lot, "runs": ends_before > today, "ends_before": ends_before,
        })  # fmt: skip
    homes = list(Establishment.objects.filter(provider=request.user.provider_id).order_by("name", "urn")[:MOST_HOMES])
    named = uuid_of(request.GET.get("home"))
    home = next((each for each in homes if each.uuid == named), None)
    form = SendKpisForm(request.POST or None, slots=asked, home=home,
                        says={name_of(slot): _says(slot) for slot in asked})  # fmt: skip

    def save() -> tuple[str, str]:
        written = return_kpis(
            award=asked[0].award, ends_before=ends_before, entries=form.entries(), by=request.user, now=timezone.now(),
            today=today,
        )  # fmt: skip
        says = f"{plural(len(written), 'figure is', 'figures are')} sent." if written else "Nothing was changed."
        return says, reverse("kpi-returns")

    left = sum(form.row_of(slot) is None for slot in asked)
    return saved(
        request, form, save, heading=f"{title}{f', {home.shown_name}' if home else ''}", crumb=str(lot), crumbs=crumbs,
        template="quality/kpi_send.html", homes=homes, home=home, lot=lot, last_day=last_day,
        answer=f"{plural(len(asked), 'KPI', 'KPIs')}, {left or 'none'} of them still to return"
        f"{' for this home' if home else ''}. You may send some now and the others later.",
    )  # fmt: skip


@allowed("kpi-returns")
def kpi_template(request: HttpRequest, uuid: UUID, last_day: str) -> HttpResponse:
    """The workbook of the lot for that day: for a provider its own rows, for officers those of every provider."""
    lot = get_object_or_404(Lot.objects.select_related("framework"), uuid=uuid)
    ends_before, today = day_after(last_day), timezone.localdate()
    asked = slots([lot], after=ends_before - timedelta(days=1), until=ends_before, today=today,
                  provider=request.user.provider_id)  # fmt: skip
    if request.user.provider_id and not asked and not _ever_there(lot, request.user.provider_id):
        raise Http404
    title = f"KPI returns: {lot.framework.reference}, lot {lot.number}, to {last_day}"
    viewer = request.user.body_name
    content = returns_template(asked, title=title, viewer=viewer, made_at=timezone.now())
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{file_name(title, viewer, today, "xlsx")}"'
    return response


def _ever_there(lot: Lot, provider: int) -> bool:
    return lot.awards.model.objects.filter(lot=lot, provider=provider).exists()


def _says(slot: Slot) -> str:
    said = f"{period(slot)}. {thresholds(slot.held)}. {state_words(slot)}."
    check = slot.check
    if slot.state in ("queried", "disputed") and check is not None and check.words:
        said += f" The lead says: “{check.words}”"
    return said

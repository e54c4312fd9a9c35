"""Every inspection that the regulator's files tell of, latest first, with what changed since the one before."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from providers.models import Establishment
from providers.rules import codes

from ..filters import InspectionSearch
from ..measures.timeline import before_each, before_in
from ..models import Inspection
from ..rules import scales
from . import columns

SINCE = {"92": "the last three months", "366": "the last year", "1096": "the last three years"}
TOLD = {"judged": "that ended in a judgement", "all": "of every kind"}
DEFAULT = "-inspected_on"


@allowed("inspections")
def inspections(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    asked = ask(request.GET, _questions(), ())
    everything = Inspection.objects.told_once()
    rows = InspectionSearch(_selection(asked.answers, today), everything).qs
    if asked.answers["told"] == "judged":
        rows = rows.judged()
    sort = ordering(_columns({}), request.GET.get("sort", ""), DEFAULT)
    rows = rows.select_related("establishment", "provider").order_by(sort, "-inspected_on", "-event_number", "pk")
    total = everything.count()
    if request.GET.get("format") in FORMATS:
        kept = list(rows)
        sentence = FilterSentence(asked.filters, len(kept), total, ("inspection", "inspections"))
        listed = _columns(before_in(rows))
        return file_response(request, request.GET["format"], listed, kept, title="Inspections", sentence=sentence)
    before: dict[int, str] = {}
    table = Table.for_request(
        request, _columns(before), rows, "Inspections", default_sort=DEFAULT, caption_hidden=True,
        noun=("inspection", "inspections"), downloads=downloads(request) if total else (),
        empty=_nothing(request, total),
    )  # fmt: skip
    before |= before_each(table.shown)
    shown = table.total or 0
    return render(request, "quality/inspection_list.html", {
        "may_watch": request.user.may("read", "changes"), "table": table, "fields": asked.fields, "total": total,
        "answer": _answer(everything) if total else "",
        "sentence": FilterSentence(asked.filters, shown, total, ("inspection", "inspections"), request.path),
    })  # fmt: skip


def _questions() -> list[Question]:
    areas = (
        Establishment.objects.exclude(area_name="").order_by("area_name").values_list("area_name", flat=True).distinct()
    )
    judged = {
        f"{scale}-{key}": f"{word} ({where})"
        for scale, where, words in (
            ("grades", "homes and agencies", scales.GRADES | scales.FORMER_GRADES),
            ("outcomes", "supported accommodation", scales.OUTCOMES),
        )
        for key, word in words.items()
    }
    return [
        Question("told", "Inspections", TOLD, default="judged", always=True),
        Question("judgement", "Judgement", judged),
        Question("kind", "Kind", codes.ESTABLISHMENT_KINDS),
        Question("area", "In", {area: area for area in areas}),
        Question("since", "Inspected in", SINCE),
    ]


def _selection(answers: dict[str, str], today: date) -> dict[str, Any]:
    """The answers as the filter set asks them."""
    scale, _, overall = answers["judgement"].partition("-")
    since = (today - timedelta(days=int(answers["since"]))).isoformat() if answers["since"] else ""
    return {
        "scale": scale,
        "overall": overall,
        "kind": answers["kind"],
        "area_name": answers["area"],
        "inspected_from": since,
    }


def _columns(before: dict[int, str]) -> list[Column]:
    return [
        columns.establishment(sort="establishment__urn"),
        columns.provider(),
        Column("kind", "Kind", value=lambda row: row.establishment.get_kind_display(), sort="establishment__kind"),
        Column("area", "Area", value=lambda row: row.establishment.area_name, sort="establishment__area_name"),
        columns.inspected_on(sort="inspected_on"),
        columns.overall(),
        columns.since(before),
        columns.limited(),
    ]


def _answer(everything: QuerySet) -> str:
    """Counted back from the newest judgement: the regulator's files are up to a year behind."""
    newest = everything.judged().aggregate(day=Max("inspected_on"))["day"]
    if newest is None:
        return "No inspection known has ended in a judgement yet."
    count = everything.judged().filter(inspected_on__gt=newest - timedelta(days=366)).count()
    said = "1 judgement was given" if count == 1 else f"{count:,} judgements were given"
    return f"The newest judgement is of an inspection on {wording.day(newest)}; {said} in the year before that day."


def _nothing(request: HttpRequest, total: int) -> EmptyState:
    if total:
        return EmptyState(
            "No inspection like that", "None matches everything that you chose.", "Show all inspections", request.path
        )
    why = "Inspections appear here once Ofsted’s published list has been loaded."
    if request.user.may("create", "imports"):
        return EmptyState("No inspections yet", why, "Load a file", "/imports/")
    return EmptyState("No inspections yet", why)

"""The timeline of one home."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import Column, EmptyState, Table
from providers.models import Establishment
from providers.pages.tones import ToneColumn

from ..measures.home_timeline import Line, timeline
from ..rules import scales
from .columns import TONES


@allowed("changes")
def home_timeline(request: HttpRequest, uuid: UUID) -> HttpResponse:
    home = get_object_or_404(Establishment.objects.select_related("provider"), uuid=uuid)
    lines = timeline(home)
    if request.GET.get("format") in FORMATS:
        return file_response(
            request, request.GET["format"], _columns(), lines, title=f"{home.shown_name}: what is known by date"
        )
    may_hear = request.user.may("create", "changes") and request.user.authority_id
    table = Table.for_request(
        request, _columns(), lines, "By date, newest first", caption_hidden=True, noun=("entry", "entries"),
        downloads=downloads(request) if lines else (), cards=True,
        empty=EmptyState(
            "Nothing known yet",
            "Judgements, notices, changes, visits and suspensions stand here as they become known.",
            *(("Say what you heard", reverse("hear-judgement", args=[home.uuid])) if may_hear else ()),
        ),
    )  # fmt: skip
    return render(request, "quality/home_timeline.html", {
        "home": home, "table": table, "answer": _answer(lines), "may_hear": may_hear,
    })  # fmt: skip


def _answer(lines: list[Line]) -> str:
    judged = next((line for line in lines if line.tone in scales.ALL_JUDGEMENTS), None)
    if judged is None:
        return f"{scales.NOT_YET_INSPECTED}. {len(lines)} entries." if lines else ""
    return f"Judged {judged.says}, inspected on {wording.day(judged.on)}."


def _columns() -> list[Column]:
    return [
        Column("on", "On", kind="date"),
        Column("kind", "What"),
        ToneColumn("says", "Said", tone=lambda row: TONES.get(row.tone, "plain") if row.tone else None,
                   link=lambda row: row.href or None),
        Column("more", "More", missing=""),
    ]  # fmt: skip

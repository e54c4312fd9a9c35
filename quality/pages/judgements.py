"""The judgements of everything that a provider runs, by date, each scale apart."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commissioning.kernel.charts import Chart
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, file_response
from commissioning.kernel.tables import Column, Download, EmptyState, Table
from providers.models import Provider
from providers.pages.provider import found, frame
from providers.pages.standing import newest_list

from ..measures.judgements import latest_judgements
from ..measures.timeline import before_each
from ..models import Inspection
from ..rules import scales
from . import columns
from .scale_words import counted, scale_of

FEW = 8  # with fewer judgements a chart shows nothing that the list does not
TITLES = {"grades": "Homes and agencies", "outcomes": "Supported accommodation"}
WORDS = {"grades": scales.GRADES | scales.FORMER_GRADES, "outcomes": scales.OUTCOMES}


@allowed("inspections")
def judgements(request: HttpRequest, uuid: UUID) -> HttpResponse:
    provider = found(uuid)
    rows = list(
        Inspection.objects.filter(establishment__provider=provider).told_once()
        .select_related("establishment").newest_first()
    )  # fmt: skip
    before = before_each(rows)
    wanted = request.GET.get("scale")
    if request.GET.get("format") in FORMATS:
        kept = [row for row in rows if wanted not in scales.SCALES or row.scale == wanted]
        title = f"{provider}: judgements" + (f", {TITLES[wanted].lower()}" if wanted in scales.SCALES else "")
        return file_response(request, request.GET["format"], _columns(before, scale=""), kept, title=title)
    now = _now(provider)
    parts = [
        _part(request, scale, [row for row in rows if row.scale == scale], before, now.get(scale, ""))
        for scale in scales.SCALES
    ]
    return render(request, "quality/provider_judgements.html", frame(request, provider, "provider-judgements") | {
        "parts": [part for part in parts if part], "answer": _answer(rows, now), "nothing": EmptyState(
            "Nothing to judge",
            "Judgements appear here once the regulator’s list names an establishment of this provider.",
        ),
    })  # fmt: skip


def _now(provider: Provider) -> dict[str, str]:
    """Scale -> the latest judgements of listed establishments, counted in words."""
    homes = provider.establishments.filter(listed_at=newest_list()).values_list("pk", "kind")
    latest = latest_judgements([pk for pk, _ in homes])
    return counted((scale_of(kind), latest.get(pk, ("", None))[0]) for pk, kind in homes)


def _answer(rows: list[Inspection], now: dict[str, str]) -> str:
    judged = [row for row in rows if row.overall]
    if not judged:
        return "Not one of its establishments has been judged yet." if now or rows else ""
    newest = judged[0]
    return (
        f"{len(judged)} judgement{'' if len(judged) == 1 else 's'} known. "
        f"The newest: {newest.establishment.shown_name}, {newest.get_overall_display()}, "
        f"inspected on {newest.inspected_on:%-d %B %Y}."
    )


def _part(
    request: HttpRequest, scale: str, rows: list[Inspection], before: dict[int, str], now: str
) -> dict[str, Any] | None:
    if not rows and not now:
        return None
    judged = [row for row in rows if row.overall]
    paged = request.GET.get("page", "") if request.GET.get("scale", scale) == scale else ""
    table = Table(
        _columns(before, scale), rows, "By date, newest first", level=3, noun=("inspection", "inspections"),
        page=int(paged) if paged.isdecimal() else 1, query=f"scale={scale}",
        downloads=_downloads(scale) if rows else (),
        empty=EmptyState("Not yet inspected", "Inspections appear here once a file of the regulator tells of one."),
    )  # fmt: skip
    return {"title": TITLES[scale], "now": now, "chart": _chart(scale, judged), "table": table, "slug": scale}


def _downloads(scale: str) -> Sequence[Download]:
    return [Download(words, f"?scale={scale}&format={kind}") for kind, words in FORMATS.items()]


def _columns(before: dict[int, str], scale: str) -> list[Column]:
    parts = [] if scale == "outcomes" else [
        columns.judgement("protection", "Helped and protected"),
        columns.judgement("leadership", "Leaders and managers"),
        columns.limited(),
    ]  # fmt: skip
    event = Column("event", "Event", value=columns.event)
    return [columns.establishment(), columns.inspected_on(), columns.overall(), columns.since(before), *parts, event]


def _chart(scale: str, judged: list[Inspection]) -> Chart | None:
    """How many judgements of each word were given in each year."""
    if len(judged) < FEW or len({row.inspected_on.year for row in judged}) < 2:
        return None
    given = Counter((row.inspected_on.year, row.overall) for row in judged)
    years = range(min(row.inspected_on.year for row in judged), max(row.inspected_on.year for row in judged) + 1)
    used = [word for word in WORDS[scale] if any(given[year, word] for year in years)]
    series = [
        Column(word, WORDS[scale][word], value=lambda row, word=word: row["given"].get(word, 0), kind="number")
        for word in used
    ]
    rows = [{"year": str(year), "given": {word: given[year, word] for word in used}} for year in years]
    common, count = Counter(row.overall for row in judged).most_common(1)[0]
    return Chart(
        f"{count} of {len(judged)} judgements since {years[0]} were {scales.ALL_JUDGEMENTS[common]}", "columns",
        [Column("year", "Inspected in"), *series], rows, unit="judgements", caption="Judgements given in each year",
        slug=f"judgements-{scale}",
    )  # fmt: skip

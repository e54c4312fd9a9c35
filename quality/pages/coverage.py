"""Coverage on a day: the sentence that must be proved, a bar for each way of monitoring, and the list behind each."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.charts import Chart
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table
from commissioning.partnership.models import Authority
from contracts.rules.codes import ROUTES, SERVICE_TYPES
from providers.pages.tones import ToneColumn

from ..forms_monitoring import OnForm
from ..measures.coverage import (
    LATE,
    MONITORED,
    NOT_ASKED,
    NOT_KNOWN,
    Placed,
    Share,
    by_kind,
    by_service,
    coverage,
    names_of,
)
from ..rules.codes import VISIT_KINDS
from ..rules.intervals import KINDS
from .monitoring_links import monitoring_links

NOUN = ("placement", "placements")
TITLE = "Coverage"
WAYS = VISIT_KINDS | {"all": "All three ways"}
STATES = {
    MONITORED: "In time", LATE: "Not in time", NOT_KNOWN: "Premises not known", NOT_ASKED: "Not asked for",
}  # fmt: skip
TONES = {MONITORED: "good", LATE: "harm", NOT_KNOWN: "needs", NOT_ASKED: "plain"}
GROUPS = {"independent": "independent, in children’s homes and supported accommodation", "others": "other services"}
LATEST = date(2099, 12, 31)


@allowed("monitoring")
def coverage_page(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    form, day = _day_of(request, today)
    rows = coverage(request.user.authority_id, day)
    independent = [row for row in rows if row.independent]
    shares = {way: by_kind(independent, "" if way == "all" else way) for way in WAYS}
    lists = request.user.may("read", "placements")
    told = [
        _told(WAYS[way], share, _behind(day, "independent", way) if lists else None) for way, share in shares.items()
    ]
    return render(request, "quality/coverage.html", {
        "form": form, "title": TITLE, "heading": f"Coverage on {wording.day(day)}",
        "answer": _answer(independent, shares["all"], day, today), "empty": None if rows else _nothing(day),
        "chart": _chart(shares) if shares["site"].placements else None,
        "table": Table(_columns("Way"), told, "Independent placements in children’s homes and supported accommodation",
                       per_page=None, noun=("way", "ways")) if independent else None,
        "others": _others(rows, day, lists=lists), "notes": _notes(rows, day, today),
        "links": monitoring_links(request.user, request.path), "everything": _behind(day, "", "all") if lists else "",
    })  # fmt: skip


def _day_of(request: HttpRequest, today: date) -> tuple[OnForm, date]:
    """The day asked, by three fields or as ?on=2026-03-31; today where none is, or where it is no day."""
    plain = request.GET.get("on", "")
    if plain:
        try:
            day = min(date.fromisoformat(plain), LATEST)
        except ValueError:
            day = today
        return OnForm(initial={"on": day}), day
    if "on_0" in request.GET:
        form = OnForm(request.GET)
        return form, form.cleaned_data["on"] if form.is_valid() else today
    return OnForm(initial={"on": today}), today


def _told(name: str, share: Share, behind: Callable[[str], str] | None) -> dict[str, Any]:
    return {
        "name": name, "share": share.share, "monitored": share.monitored, "late": share.late,
        "not_known": share.not_known, "placements": share.placements, "behind": behind,
    }  # fmt: skip


def _behind(day: date, group: str, way: str) -> Callable[[str], str]:
    """The address of the list behind a figure, by state."""

    def to(state: str) -> str:
        asked = {"on": day.isoformat(), "group": group, "way": way, "state": state}
        return f"{reverse('coverage-list')}?{urlencode({key: value for key, value in asked.items() if value})}"

    return to


def _columns(first: str) -> list[Column]:
    def counted(key: str, label: str, state: str) -> Column:
        return Column(key, label, kind="number", link=lambda row: row["behind"](state) if row["behind"] else None)

    return [
        Column("name", first), Column("share", "Share in time", kind="percent", missing="none to count"),
        counted("monitored", "In time", MONITORED), counted("late", "Not in time", LATE),
        counted("not_known", "Premises not known", NOT_KNOWN), counted("placements", "Placements", ""),
    ]  # fmt: skip


def _others(rows: Sequence[Placed], day: date, *, lists: bool) -> Table | None:
    """Every other service, in-house apart: the three ways as shares."""
    groups = by_service(rows)
    if not groups:
        return None
    order = list(SERVICE_TYPES)
    told = []
    for (service, in_house), placed in sorted(groups.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1])):
        name = SERVICE_TYPES[service] + (", in-house" if in_house else "")
        to = _behind(day, "others", "all")("") + f"&service={service}" if lists else None
        shares = {kind: by_kind(placed, kind).share for kind in KINDS}
        unknown = sum(row.address is None for row in placed)
        told.append({"name": name, "placements": len(placed), "unknown": unknown, "to": to} | shares)
    columns = [
        Column("name", "Service", link=lambda row: row["to"]), Column("placements", "Placements", kind="number"),
        *(Column(kind, label, kind="percent", unit="in time", missing="not asked for")
          for kind, label in VISIT_KINDS.items()),
        Column("unknown", "Premises not known", kind="number"),
    ]  # fmt: skip
    return Table(columns, told, "Other services", per_page=None, noun=("service", "services"))


def _chart(shares: dict[str, Share]) -> Chart:
    rows = [
        {"way": WAYS[way], **{key: _part(getattr(share, key), share) for key in ("monitored", "late", "not_known")}}
        for way, share in shares.items()
    ]
    weakest = min(shares, key=lambda way: (shares[way].share or 0, way == "all"))
    lowest = shares[weakest].share
    title = f"{WAYS[weakest]}: {lowest}% in time, of 100%" if lowest != 100 else "Each way at 100%"
    return Chart(
        title, "columns",
        [Column("way", "Way"), Column("monitored", "In time", kind="percent"),
         Column("late", "Not in time", kind="percent"), Column("not_known", "Premises not known", kind="percent")],
        rows, unit="% of placements", own_table=False, slug="coverage",
    )  # fmt: skip


def _part(number: int, share: Share) -> float:
    return round(number * 100 / share.placements, 1) if share.placements else 0


def _answer(independent: Sequence[Placed], whole: Share, day: date, today: date) -> str:
    """The sentence to be proved: "On 31 March 2026, 41 of 43 (95%) ... were monitored in all three ways"."""
    if not independent:
        return ""
    n, verb = whole.placements, "were" if day < today else "are" if day == today else "will still be"
    subject = f"independent residential and semi-independent {NOUN[n != 1]}"
    ways = "through providers’ reports, desktop scrutiny and site visits, each within its time"
    if whole.share == 100:
        return f"On {wording.day(day)} 100% of {n:,} {subject} {verb} monitored {ways}."
    short = n - whole.monitored
    return (
        f"On {wording.day(day)} {whole.monitored:,} of {n:,} {subject} ({whole.share or 0}%) {verb} monitored {ways}: "
        f"{short:,} short of 100%."
    )


def _notes(rows: Sequence[Placed], day: date, today: date) -> list[str]:
    notes = []
    if day > today:
        notes.append("That day has not come: counted is what is in time by then if nobody goes again, for placements "
                     "that are open then by what is recorded now.")  # fmt: skip
    unknown = sum(row.address is None for row in rows)
    if unknown:
        noun = "placement has" if unknown == 1 else "placements have"
        notes.append(f"{unknown:,} {noun} no premises recorded: nobody can prove that they were monitored, so they "
                     "count as not monitored.")  # fmt: skip
    return notes


def _nothing(day: date) -> EmptyState:
    return EmptyState(
        f"No placement is open on {wording.day(day)}",
        "Placements that are open on the day stand here, with the share whose premises were monitored in time.",
        "Load or record placements", reverse("placements"),
    )  # fmt: skip


@allowed("placements")
def coverage_list(request: HttpRequest) -> HttpResponse:
    """The placements behind a figure, each with the visit that proves it or the day since which it is late."""
    _, day = _day_of(request, timezone.localdate())
    everything = coverage(request.user.authority_id, day)
    asked = ask(request.GET, _questions(), everything)
    way = asked.answers["way"]
    homes, premises = names_of(asked.rows)
    names = dict(Authority.objects.filter(
        pk__in={seen.authority for row in asked.rows for seen in row.seen.values() if seen}
    ).values_list("pk", "name"))  # fmt: skip
    rows = [
        _line(row, way, homes, premises, names, request.user.authority_id)
        for row in asked.rows
        if not asked.answers["state"] or _state(row, way) == asked.answers["state"]
    ]
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    columns, title = _list_columns(), f"Coverage on {wording.day(day)}"
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title=title, sentence=sentence)
    table = Table.for_request(
        request, columns, rows, f"Placements open on {wording.day(day)}", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if rows else (),
        empty=EmptyState("No placement like that", "None matches everything that you chose.", "Back to the figures",
                         f"{reverse('coverage')}?on={day.isoformat()}"),
    )  # fmt: skip
    return render(request, "quality/coverage_list.html", {
        "table": table, "title": f"Placements behind the coverage on {wording.day(day)}", "sentence": sentence,
        "fields": asked.fields, "kept": {"on": day.isoformat()}, "back": f"{reverse('coverage')}?on={day.isoformat()}",
        "answer": f"{len(rows):,} of {len(everything):,} placements of yours open that day.",
    })  # fmt: skip


def _questions() -> list[Question]:
    return [
        Question("way", "Monitored by", WAYS, default="all", always=True),
        Question("state", "State", STATES),
        Question("group", "Placements", GROUPS, lambda row, value: row.independent == (value == "independent")),
        Question("service", "Kind of home", SERVICE_TYPES, lambda row, value: row.service_type == value),
    ]


def _state(row: Placed, way: str) -> str:
    return row.whole if way == "all" else row.state(way)


def _line(
    row: Placed, way: str, homes: dict[int, Any], premises: dict[int, Any], names: dict[int, str], mine: int
) -> dict[str, Any]:
    """A placement in words: of each way who went when, and until when that counts."""
    home = homes.get(row.establishment_id or 0)
    own = "the home’s own address" if row.address is not None else None
    line = {
        "row": row, "number": f"Placement {row.number}", "child": f"Child {row.child}",
        "service": SERVICE_TYPES[row.service_type], "route": ROUTES[row.route], "home": home and home.shown_name,
        "premises": premises[row.premises_id].shown_name if row.premises_id in premises else own,
        "state": STATES[_state(row, way)], "tone": TONES[_state(row, way)],
    }  # fmt: skip
    for kind in KINDS:
        seen, days = row.seen[kind], row.days[kind]
        if days is None:
            line[kind] = "not asked for"
        elif seen is None:
            line[kind] = "premises not known" if row.address is None else f"nobody; every {days} days"
        else:
            whose = "" if seen.authority == mine else f", {names[seen.authority]}’s, relied on"
            line[kind] = f"{wording.day(seen.on)}{whose}; in time until {wording.day(row.due_on(kind))}"
    return line


def _list_columns() -> list[Column]:
    return [
        Column("number", "Placement", link=lambda line: reverse("placement", args=[line["row"].uuid])),
        Column("child", "Child"), Column("service", "Kind of home"), Column("route", "Bought by"),
        Column("home", "Home or agency"), Column("premises", "Premises", missing="not recorded"),
        ToneColumn("state", "State", value=lambda line: line["state"], tone=lambda line: line["tone"]),
        *(Column(kind, label) for kind, label in VISIT_KINDS.items()),
    ]  # fmt: skip

"""The list of frameworks: what runs, who takes part, and what ends soon."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask, by_words
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows

from ..models import Framework, Participation, User
from ..rules import codes
from ..rules.terms import last_day, notice, warning_months
from .frameworks import PUBLISHED_AT, state_on

RUNNING = {"running": "running now", "planned": "not begun", "ended": "ended"}


@dataclass(frozen=True)
class NoticeColumn(Column):
    """Amber only where the viewer has to act: its own authority's framework is about to end."""

    ours: int | None = None

    def html(self, row: Framework) -> str:
        says = self.of(row)
        if not says:
            return ""
        return str(wording.tag(says, "needs" if says != "Ended" and row.lead_authority_id == self.ours else "plain"))


def _columns(request: HttpRequest, today: date) -> list[Column]:
    user = request.user
    return [
        Column("name", "Framework", sort="name", link=lambda f: reverse("framework", args=[f.uuid])),
        Column("kind", "Kind", value=lambda f: f.get_kind_display(), sort="kind"),
        Column("lead", "Lead authority", value=lambda f: f.lead_authority.name, sort="lead"),
        Column("lots", "Lots", value=lambda f: f.lot_count, kind="number", sort="lots"),
        Column(
            "members", "Taking part", value=lambda f: len(f.members), kind="number", sort="members", unit="authorities"
        ),
        Column(
            "runs_to",
            "Runs to",
            value=lambda f: f.runs_until and last_day(f.runs_until),
            kind="date",
            sort="runs_to",
            missing="no last day",
        ),  # fmt: skip
        NoticeColumn(
            "notice",
            "Notice",
            value=lambda f: notice(f.runs_until, today),
            missing="",
            ours=user.authority_id if user.may("change", "frameworks") else None,
        ),  # fmt: skip
    ]


def _questions(frameworks: list[Framework], today: date) -> list[Question]:
    people = {a.slug: a.name for f in frameworks for a in (f.lead_authority, *(p.authority for p in f.members))}
    leaders = {f.lead_authority.slug: f.lead_authority.name for f in frameworks}
    return [
        Question("kind", "Kind", codes.FRAMEWORK_KINDS, lambda f, value: f.kind == value),
        Question("lead", "Led by", by_words(leaders), lambda f, value: f.lead_authority.slug == value),
        Question("member", "Taking part", by_words(people), lambda f, value: _takes_part(f, value)),
        Question("state", "State", RUNNING, lambda f, value: state_on(f, today) == value),
    ]


def _takes_part(framework: Framework, slug: str) -> bool:
    return any(part.authority.slug == slug for part in framework.members)


@allowed("frameworks")
def framework_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    frameworks = list(
        Framework.objects.select_related("lead_authority")
        .annotate(lot_count=Count("lots"))
        .prefetch_related("extensions", _members_on(today))
        .order_by("name")
    )
    asked = ask(request.GET, _questions(frameworks, today), frameworks)
    columns = _columns(request, today)
    sort = ordering(columns, request.GET.get("sort", ""), "name")
    rows = sort_rows(asked.rows, columns, sort)
    said = FilterSentence(asked.filters, len(rows), len(frameworks), ("framework", "frameworks"), request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="Frameworks", sentence=said)
    may_create = request.user.may("create", "frameworks")
    table = Table.for_request(
        request, columns, rows, "Frameworks", default_sort="name", caption_hidden=True, downloads=downloads(request),
        noun=("framework", "frameworks"), empty=_nothing(bool(frameworks), may_create),
    )  # fmt: skip
    return render(request, "partnership/framework_list.html", {
        "table": table,
        "sentence": said,
        "fields": asked.fields,
        "frameworks": frameworks,
        "answer": _answer(frameworks, request.user, today),
        "may_create": may_create,
        "may_publish": request.user.may("read", "ocds"),
        "published_at": PUBLISHED_AT,
    })  # fmt: skip


def _members_on(today: date) -> Prefetch:
    return Prefetch("participations", Participation.objects.on(today).select_related("authority"), to_attr="members")


def _nothing(some: bool, may_create: bool) -> EmptyState:
    if some:
        return EmptyState(
            "No framework like that",
            "No framework matches everything that you chose.",
            "Show all",
            reverse("frameworks"),
        )
    why = "Frameworks appear here once a lead authority has recorded one."
    if may_create:
        return EmptyState("No frameworks yet", why, "Record a framework", reverse("framework-new"))
    return EmptyState("No frameworks yet", f"{why} A commissioning officer can do that.")


def _answer(frameworks: list[Framework], user: User, today: date) -> str:
    running = [f for f in frameworks if state_on(f, today) == "running"]
    if not frameworks:
        return ""
    count = len(running)
    said = f"{count} {'framework runs' if count == 1 else 'frameworks run'} today."
    ours = [f for f in running if f.lead_authority_id == user.authority_id and warning_months(f.runs_until, today)]
    if ours:
        soonest = min(ours, key=lambda f: f.runs_until)
        many = "One" if len(ours) == 1 else str(len(ours))
        said += (
            f" {many} led by {soonest.lead_authority} {'ends' if len(ours) == 1 else 'end'} within a year: "
            f"{soonest.name}{'' if len(ours) == 1 else ' first'}, on {wording.day(last_day(soonest.runs_until))}."
        )
    return said

"""The list of frameworks: what runs, who takes part, and what ends soon."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.tables import ActiveFilter, Column, EmptyState, FilterSentence, Table, ordering, sort_rows

from ..models import Framework, Participation, User
from ..rules import codes
from ..rules.terms import last_day, notice, warning_months
from .frameworks import state_on

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


def _filters(asked: QueryDict, frameworks: list[Framework], today: date) -> tuple[list[ActiveFilter], list[dict], list]:
    """(filters as a sentence, the form's drop-downs, the frameworks that pass)."""
    people = {a.slug: a.name for f in frameworks for a in (f.lead_authority, *(p.authority for p in f.members))}
    leaders = {f.lead_authority.slug: f.lead_authority.name for f in frameworks}
    questions = (
        ("kind", "Kind", codes.FRAMEWORK_KINDS, lambda f, v: f.kind == v),
        ("lead", "Led by", leaders, lambda f, v: f.lead_authority.slug == v),
        ("member", "Taking part", people, lambda f, v: any(p.authority.slug == v for p in f.members)),
        ("state", "State", RUNNING, lambda f, v: state_on(f, today) == v),
    )
    sentence, fields, passed = [], [], frameworks
    for name, label, choices, passes in questions:
        value = asked.get(name, "")
        value = value if value in choices else ""
        rest = asked.copy()
        rest.pop(name, None)
        rest.pop("page", None)
        sentence.append(ActiveFilter(label, choices.get(value, "all"), f"?{rest.urlencode()}" if value else ""))
        ordered = sorted(choices.items(), key=lambda pair: pair[1]) if name in ("lead", "member") else choices.items()
        fields.append({"name": name, "label": label, "value": value, "choices": list(ordered)})
        if value:
            passed = [f for f in passed if passes(f, value)]
    return sentence, fields, passed


@allowed("frameworks")
def framework_list(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    frameworks = list(
        Framework.objects.select_related("lead_authority")
        .annotate(lot_count=Count("lots"))
        .prefetch_related("extensions", _members_on(today))
        .order_by("name")
    )
    sentence, fields, passed = _filters(request.GET, frameworks, today)
    columns = _columns(request, today)
    sort = ordering(columns, request.GET.get("sort", ""), "name")
    rows = sort_rows(passed, columns, sort)
    said = FilterSentence(sentence, len(passed), len(frameworks), ("framework", "frameworks"), request.path)
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
        "fields": fields,
        "frameworks": frameworks,
        "answer": _answer(frameworks, request.user, today),
        "may_create": may_create,
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

"""Who changed what, when: recent history across every kind of record that the viewer may see."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from .. import wording
from ..audit.events import audited_models, model_of_table
from ..audit.history import NEWS, read_events
from ..tables import EmptyState, FilterSentence
from .allowed import allowed
from .downloads import downloads, file_response
from .event_table import MOST, event_columns, event_table
from .questions import Asked, Question, ask, by_words

PERIODS = {"1": "the last day", "7": "the last week", "31": "the last month", "366": "the last year", "all": "any time"}
DEFAULT_PERIOD = "31"
EVERYTHING = {"everything": "all, sign-ins and progress too"}
HOW = {"person": "by a person", "file": "from a file", "service": "by the platform"}
OPERATIONS = {"insert": "added", "update": "changed", "delete": "removed", "erased": "erased"}


@allowed("audit")
def audit(request: HttpRequest) -> HttpResponse:
    selections, asked = _asked(request)
    if request.GET.get("format") == "csv":
        events = read_events(selections, stop=MOST)
        said = FilterSentence(asked.filters, len(events), len(events))
        return file_response(request, "csv", event_columns(), events, title="Changes", sentence=said)
    table = event_table(
        request, selections, "Changes, newest first", linked=True, caption_hidden=True,
        downloads=downloads(request, ["csv"]),
        empty=EmptyState(
            "No changes like that", "Every change of a record you can see appears here. None matches what you chose.",
            "Show any time and every record", "?when=all",
        ),
    )  # fmt: skip
    total = table.total or 0
    return render(request, "audit/audit.html", {
        "table": table, "fields": asked.fields, "more": total == MOST, "answer": _answer(total, request),
        "sentence": FilterSentence(asked.filters, total, total, ("change", "changes"), request.path),
    })  # fmt: skip


@allowed("audit")
def record(request: HttpRequest, table: str, uuid: UUID) -> HttpResponse:
    """One record's changes. 404 where the viewer may see none of them."""
    model = model_of_table(table)
    if model is None:
        raise Http404
    page = event_table(request, {model: Q(row_uuid=uuid)}, "Its changes, newest first", caption_hidden=True)
    if not page.total:
        raise Http404
    newest = page.shown[0]
    return render(request, "audit/record.html", {"table": page, "event": newest})


def _answer(total: int, request: HttpRequest) -> str:
    count = f"More than {MOST:,} changes" if total == MOST else f"{total:,} change{'' if total == 1 else 's'}"
    when = PERIODS.get(request.GET.get("when", DEFAULT_PERIOD), PERIODS[DEFAULT_PERIOD])
    return f"{count} in {when}." if when != "any time" else f"{count} since records began."


def _asked(request: HttpRequest) -> tuple[dict[type[models.Model], Q], Asked]:
    """Which events of which models, and what was asked."""
    nouns = {m._meta.db_table: wording.capital(str(m._meta.verbose_name)) for m in audited_models()}
    people = {f"user:{person.uuid}": person.email for person in _people(request)}
    asked = ask(
        request.GET,
        [
            Question("what", "Record", EVERYTHING | by_words(nouns)),
            Question("did", "Change", OPERATIONS),
            Question("how", "Made", HOW),
            Question("who", "By", people),
            Question("when", "When", PERIODS, default=DEFAULT_PERIOD, always=True),
        ],
        (),
    )
    chosen = asked.answers
    condition = _condition(chosen)
    if chosen["what"] not in EVERYTHING:
        condition &= NEWS
    wanted = [m for m in audited_models() if chosen["what"] in ("", m._meta.db_table, *EVERYTHING)]
    return {model: condition for model in wanted}, asked


def _people(request: HttpRequest) -> models.QuerySet:
    """Those of the viewer's own authority; what others did is found under "any"."""
    if not request.user.authority_id:
        return get_user_model()._default_manager.none()
    return get_user_model()._default_manager.filter(authority_id=request.user.authority_id).order_by("email")


def _condition(chosen: dict[str, str]) -> Q:
    condition = Q()
    if chosen["did"]:
        condition &= Q(operation=chosen["did"])
    if chosen["who"]:
        condition &= Q(actor=chosen["who"])
    match chosen["how"]:
        case "file":
            condition &= Q(import_id__isnull=False)
        case "person":
            condition &= Q(import_id=None, actor__startswith="user:")
        case "service":
            condition &= Q(import_id=None) & ~Q(actor__startswith="user:")
    if chosen["when"] != "all":
        first = timezone.localdate() - timedelta(days=int(chosen["when"]) - 1)
        condition &= Q(at__gte=_midnight(first))
    return condition


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))

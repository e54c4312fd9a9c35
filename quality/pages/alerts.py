"""Alerts: what somebody said that could not wait, who was told, and who has read it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.forms import PageForm
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering
from providers.pages.saving import saved
from providers.pages.tones import ToneColumn

from ..actions.alerts import acknowledge_alert, recipients
from ..models import Alert
from ..rules import codes

NOUN = ("alert", "alerts")
WHICH = {"new": "not read yet", "read": "read", "all": "all of them"}


class ReadForm(PageForm):
    button = "I have read it"


@allowed("alerts")
def alert_list(request: HttpRequest) -> HttpResponse:
    everything = Alert.objects.all()
    asked = ask(request.GET, [
        Question("which", "Alerts", WHICH, default="new", always=True),
        Question("kind", "Kind", codes.ALERT_KINDS),
    ], ())  # fmt: skip
    rows = everything.select_related("establishment", "acknowledged_by")
    if asked.answers["which"] != "all":
        rows = rows.filter(acknowledged_at__isnull=asked.answers["which"] == "new")
    if asked.answers["kind"]:
        rows = rows.filter(kind=asked.answers["kind"])
    columns = _columns()
    down = ordering(columns, request.GET.get("sort", ""), "-at").startswith("-")
    rows = rows.order_by("-pk" if down else "pk")
    total = everything.count()
    if request.GET.get("format") in FORMATS:
        kept = list(rows)
        sentence = FilterSentence(asked.filters, len(kept), total, NOUN, request.path)
        return file_response(request, request.GET["format"], columns, kept, title="Alerts", sentence=sentence)
    table = Table.for_request(
        request, columns, rows, "Alerts", default_sort="-at", caption_hidden=True, noun=NOUN,
        downloads=downloads(request) if total else (), empty=_nothing(total),
    )  # fmt: skip
    return render(request, "quality/alert_list.html", {
        "table": table, "fields": asked.fields, "everything": total, "answer": _answer(),
        "sentence": FilterSentence(asked.filters, table.total, total, NOUN, request.path),
        "unsent": everything.filter(sent_at=None).count(), "told": recipients(request.user.authority_id,
                                                                              "safeguarding"),
        "may_name": request.user.may("read", "named-roles"),
    })  # fmt: skip


def _columns() -> list[Column]:
    return [
        Column("title", "What was said", link=lambda row: reverse("alert", args=[row.uuid])),
        Column("kind", "Kind", value=lambda row: row.get_kind_display()),
        Column("sent_to", "E-mail to", value=lambda row: row.sent_to or None, missing="nobody yet"),
        Column("sent", "Sent", value=lambda row: row.sent_at, kind="instant", missing="not sent yet",
               sort="at"),
        ToneColumn("state", "State", value=lambda row: "Read" if row.acknowledged_at else "Not read yet",
                   tone=lambda row: "good" if row.acknowledged_at else "harm"),
        Column("by", "Read by", value=lambda row: row.acknowledged_by.name if row.acknowledged_by_id else None,
               missing=""),
    ]  # fmt: skip


def _answer() -> str:
    new = Alert.objects.filter(acknowledged_at=None).count()
    if not new:
        return "Every alert has been read."
    return f"{new:,} {'alert has' if new == 1 else 'alerts have'} not been read yet."


def _nothing(total: int) -> EmptyState:
    if total:
        return EmptyState("No alert like that", "Every alert that you asked for has been read.", "Show all",
                          "?which=all")  # fmt: skip
    return EmptyState(
        "No alerts", "A safeguarding finding or concern, a notifiable event or a change at a home where children of "
        "yours live appears here the moment it is said.",
    )  # fmt: skip


@allowed("alerts")
def alert(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What it is about is a link away; who may, says that it has been read."""
    row = get_object_or_404(Alert.objects.select_related("establishment", "acknowledged_by"), uuid=uuid)
    may = request.user.may("change", "alerts") and row.acknowledged_at is None
    form = ReadForm(request.POST if request.method == "POST" and may else None) if may else None

    def save() -> tuple[str, str]:
        acknowledge_alert(alert=row, by=request.user, now=timezone.now())
        return "It is recorded that you have read it.", reverse("alerts")

    facts = [
        ("Kind", row.get_kind_display()),
        ("Home", row.establishment.shown_name if row.establishment_id else None),
        ("E-mail to", row.sent_to or "Nobody yet"),
        ("Sent", wording.instant(row.sent_at) if row.sent_at else "Not yet: it is tried again every minute"),
        ("Read", _read(row)),
    ]
    shown = {"row": row, "facts": facts, "at": row.link}
    if form is None:
        return render(request, "quality/alert.html", shown)
    return saved(
        request, form, save, heading=row.title, crumb="Alert", crumbs=[("Alerts", reverse("alerts"))],
        template="quality/alert.html", **shown,
    )  # fmt: skip


def _read(row: Alert) -> str:
    if row.acknowledged_at is None:
        return "Not yet"
    who = f" by {row.acknowledged_by.name}" if row.acknowledged_by_id else ""
    return f"{wording.instant(row.acknowledged_at)}{who}"

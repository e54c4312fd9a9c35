"""You said, we did: per provider, in an officer's own words, quoting no one."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.pages.downloads import FORMATS, downloads, file_response
from commissioning.kernel.pages.questions import Question, ask
from commissioning.kernel.tables import Column, EmptyState, FilterSentence, Table, ordering, sort_rows
from commissioning.partnership.models import Statement, StatementSet
from providers.models import Provider
from providers.pages.provider import found, frame
from providers.pages.saving import saved
from providers.pages.tones import ToneColumn

from ..actions.you_said import add_you_said, change_you_said, publish_you_said
from ..forms_you_said import OWN_WORDS, ChangeForm, PublishForm, YouSaidForm
from ..models import YouSaid

NOUN = ("thing said", "things said")
STATES = {"done": "something was done", "open": "nothing done yet", "draft": "not published"}
WHY = "What young people said of a provider’s homes stands here in an officer’s words, with what was done about it."


def _state(row: YouSaid) -> str:
    if not row.to_members:
        return "Not published"
    return "Done" if row.did else "Said"


def _columns(statements: dict[tuple[int, int], str], *, provider: bool) -> list[Column]:
    def served(row: YouSaid) -> str:
        return "; ".join(statements.get((row.statement_set_id, number), str(number)) for number in row.statements)

    return [
        Column("said", "You said", link=lambda row: reverse("you-said-one", args=[row.uuid])),
        Column("did", "We did", missing="nothing done yet"),
        *([Column("provider", "Provider", value=lambda row: row.provider.name, sort="provider",
                  link=lambda row: reverse("you-said-provider", args=[row.provider.uuid]))] if provider else []),
        Column("statements", "About", value=served),
        Column("said_on", "Said on", kind="date", sort="said_on"),
        Column("did_on", "Done on", kind="date", missing="", sort="did_on"),
        Column("authority", "By", value=lambda row: row.authority.name),
        ToneColumn("state", "State", value=_state, tone=lambda row: "plain" if row.to_members else "needs"),
    ]  # fmt: skip


def _rows() -> Any:
    return YouSaid.objects.select_related("authority", "provider", "statement_set").order_by("-said_on", "-pk")


def _statements(rows: list[YouSaid]) -> dict[tuple[int, int], str]:
    sets = {row.statement_set_id for row in rows}
    return {
        (each.statement_set_id, each.number): str(each) for each in Statement.objects.filter(statement_set__in=sets)
    }


@allowed("you-said")
def you_said_list(request: HttpRequest) -> HttpResponse:
    everything = list(_rows())
    providers = {str(row.provider.uuid): row.provider.name for row in sorted(everything, key=lambda r: r.provider.name)}
    asked = ask(request.GET, [
        Question("provider", "Provider", providers, lambda row, value: str(row.provider.uuid) == value),
        Question("state", "State", STATES, lambda row, value: {
            "done": bool(row.did), "open": not row.did, "draft": not row.to_members}[value]),
    ], everything)  # fmt: skip
    columns = _columns(_statements(everything), provider=bool(request.user.authority_id))
    rows = sort_rows(asked.rows, columns, ordering(columns, request.GET.get("sort", ""), "-said_on"))
    sentence = FilterSentence(asked.filters, len(rows), len(everything), NOUN, request.path)
    if request.GET.get("format") in FORMATS:
        return file_response(request, request.GET["format"], columns, rows, title="You said, we did", sentence=sentence)
    may = request.user.may("create", "you-said")
    return render(request, "quality/you_said_list.html", {
        "sentence": sentence, "fields": asked.fields, "everything": everything, "may_create": may,
        "answer": _answer(everything), "officer": bool(request.user.authority_id),
        "table": Table.for_request(
            request, columns, rows, "You said, we did", default_sort="-said_on", caption_hidden=True, noun=NOUN,
            downloads=downloads(request) if everything else (),
            empty=EmptyState("Nothing like that", "Nothing matches what you chose.", "Show all", request.path)
            if everything else EmptyState("Nothing said yet", WHY, *(("Write the first", reverse("you-said-new"))
                                                                    if may else ())),
        ),
    })  # fmt: skip


def _answer(rows: list[YouSaid]) -> str:
    if not rows:
        return ""
    done = sum(bool(row.did) for row in rows)
    return f"{len(rows):,} {NOUN[len(rows) != 1]}; something was done about {done:,} of them."


@allowed("you-said")
def provider_you_said(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The tab of a provider."""
    provider = found(uuid)
    rows = list(_rows().filter(provider=provider))
    may = request.user.may("create", "you-said")
    return render(request, "quality/provider_you_said.html", frame(request, provider, "you-said-provider") | {
        "answer": _answer(rows), "may_create": may,
        "table": Table(
            _columns(_statements(rows), provider=False), rows, "You said, we did", caption_hidden=True, noun=NOUN,
            empty=EmptyState("Nothing said yet", WHY),
        ),
    })  # fmt: skip


def _own(request: HttpRequest, uuid: UUID) -> YouSaid:
    row = get_object_or_404(_rows(), uuid=uuid)
    if row.authority_id != request.user.authority_id:
        raise PermissionDenied("Only the authority that wrote it changes it.")
    return row


@allowed("you-said")
def you_said(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = get_object_or_404(_rows(), uuid=uuid)
    words = _statements([row])
    own = row.authority_id == request.user.authority_id and request.user.may("change", "you-said")
    return render(request, "quality/you_said.html", {
        "row": row, "own": own, "state": _state(row), "facts": [
            ("You said", row.said), ("We did", row.did or "Nothing done yet"), ("About", "; ".join(
                words.get((row.statement_set_id, number), str(number)) for number in row.statements)),
            ("Said on", wording.day(row.said_on)), ("Done on", wording.day(row.did_on) if row.did_on else ""),
            ("Written by", row.authority.name),
            ("Who reads it", "The provider and every member" if row.to_members else f"{row.authority.name} alone"),
        ],
    })  # fmt: skip


def _choices(of: StatementSet) -> list[tuple[int, str]]:
    return [(each.number, str(each)) for each in Statement.objects.filter(statement_set=of)]


def _crumbs() -> list[tuple[str, str]]:
    return [("Outcomes", reverse("voice")), ("You said, we did", reverse("you-said"))]


@allowed("you-said", "create")
def you_said_new(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    of = StatementSet.objects.in_use().order_by("code").first()
    first: dict[str, Any] = {"said_on": today}
    try:
        named = Provider.objects.filter(uuid=UUID(request.GET.get("provider", ""))).first()
    except ValueError:
        named = None
    if named is not None:
        first["provider"] = named.name
    form = YouSaidForm(request.POST or None, initial=first, statements=_choices(of) if of else [])

    def save() -> tuple[str, str]:
        made = add_you_said(
            authority_id=request.user.authority_id, statement_set=of, by=request.user, today=today,
            **form.cleaned_data,
        )  # fmt: skip
        return "It is saved. Nobody else reads it until you publish it.", reverse("you-said-one", args=[made.uuid])

    return saved(request, form, save, heading="You said, we did", crumb="Write one", crumbs=_crumbs(),
                 answer="What young people said of one provider’s homes, and what was done. Nobody else reads it until "
                 "you publish it.")  # fmt: skip


@allowed("you-said", "change")
def you_said_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row, today = _own(request, uuid), timezone.localdate()
    form = ChangeForm(
        request.POST or None, statements=_choices(row.statement_set), initial={
            "version": row.version, "statements": row.statements, "said": row.said, "said_on": row.said_on,
            "did": row.did, "did_on": row.did_on,
        },
    )  # fmt: skip

    def save() -> tuple[str, str]:
        change_you_said(you_said=row, by=request.user, today=today, **form.cleaned_data)
        return "It is saved.", reverse("you-said-one", args=[uuid])

    return saved(
        request, form, save, heading=f"You said, we did: {row.provider.name}", crumb="Change",
        crumbs=[*_crumbs(), (row.provider.name, reverse("you-said-one", args=[uuid]))],
        answer=f"{OWN_WORDS} It is published: a change shows at once." if row.to_members else OWN_WORDS,
    )  # fmt: skip


@allowed("you-said", "change")
def you_said_publish(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = _own(request, uuid)
    form = PublishForm(request.POST or None, initial={"version": row.version})

    def save() -> tuple[str, str]:
        publish_you_said(you_said=row, by=request.user, **form.cleaned_data)
        return "The provider and every member read it.", reverse("you-said-one", args=[uuid])

    return saved(
        request, form, save, heading=f"Publish it: {row.provider.name}", crumb="Publish",
        crumbs=[*_crumbs(), (row.provider.name, reverse("you-said-one", args=[uuid]))],
        answer=f"The provider and every member would read: {row.said} This cannot be taken back. Could anybody tell "
        "which young person said it? Then change it first.",
    )  # fmt: skip

"""The first page: what needs this person, then what changed, each with a link to act."""

from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.models import ImportRun, ImportState
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Extension, Framework
from commissioning.partnership.rules.terms import last_day, warning_months
from providers.models import Award, ComplianceDocument
from quality.models import Inspection

from .needs import Need
from .needs_of_buying import needs_of_buying
from .needs_of_concerns import needs_of_concerns
from .needs_of_contracts import needs_of_contracts
from .needs_of_releases import needs_of_releases
from .needs_of_watch import needs_of_watch
from .news import news

DOCUMENTS_DAYS = 90
FILES_DAYS = 14
JUDGEMENTS_SHOWN = 10
NOON, EVENING = 12, 18
NUMBERS = ("Nought", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
NEWEST = "Newest judgements of providers on our frameworks"


@allowed("overview")
def overview(request: HttpRequest) -> HttpResponse:
    today, user = timezone.localdate(), request.user
    needs = [*needs_of_concerns(user, today), *needs_of_watch(user, today), *needs_of_buying(user, today),
             *needs_of_contracts(user, today), *needs_of_releases(user),
             *_frameworks(user, today), *_documents(user, today), *_files(user)]  # fmt: skip
    return render(request, "compare/overview.html", {
        "needs": needs,
        "answer": _answer(needs, timezone.localtime().hour),
        "news": news(user, today),
        "judgements": _judgements(user, today) if user.may("read", "inspections") else None,
        "whose": user.body_name if user.authority_id or user.provider_id else "the partnership",
    })  # fmt: skip


def _answer(needs: list[Need], hour: int) -> str:
    greeting = "Good morning" if hour < NOON else "Good afternoon" if hour < EVENING else "Good evening"
    if not needs:
        return f"{greeting}. Nothing needs you today."
    count = NUMBERS[len(needs)] if len(needs) < len(NUMBERS) else str(len(needs))
    return f"{greeting}. {count} {'thing needs' if len(needs) == 1 else 'things need'} you."


def _frameworks(user, today: date) -> list[Need]:
    """A framework that the viewer's authority leads and that ends within the year."""
    if not user.may("change", "frameworks"):
        return []
    led = Framework.objects.filter(lead_authority=user.authority_id).prefetch_related(
        Prefetch("extensions", Extension.objects.all())
    )
    ending = [(warning_months(f.runs_until, today), f) for f in led]
    return [
        Need(
            f"{framework.name} ends on {wording.day(last_day(framework.runs_until))}",
            f"Less than {months} months are left. {_what_to_do(framework)}",
            "See the framework",
            reverse("framework", args=[framework.uuid]),
        )
        for months, framework in sorted((pair for pair in ending if pair[0]), key=lambda pair: pair[1].runs_until)
    ]


def _what_to_do(framework: Framework) -> str:
    if any(option.taken_on is None for option in framework.extensions.all()):
        return "Decide whether to take the next extension, or let its successor."
    return "No extension is left: let its successor."


def _files(user) -> list[Need]:
    """Files of the viewer's authority that were checked and wait for a decision, or could not be read."""
    if not user.may("change", "imports"):
        return []
    # A file that could not be read is over once its sender has been told: it stays on the Files page.
    waiting = (ImportState.CHECKED, ImportState.INTERRUPTED)
    since = timezone.now() - timedelta(days=FILES_DAYS)
    mine = ImportRun.objects.filter(state__in=waiting, authority=user.authority_id, received_at__gte=since)
    runs = mine.filter(facts_added__gt=0) | mine.filter(facts_changed__gt=0) | mine.exclude(state=ImportState.CHECKED)
    runs = runs.order_by("-pk")[:5]
    return [
        Need(
            f"{run.file_name}: {run.get_state_display().lower()}",
            _file_says(run),
            "See the file",
            f"/imports/{run.uuid}/",
        )
        for run in runs
    ]


def _file_says(run: ImportRun) -> str:
    if run.state != ImportState.CHECKED:
        return run.message or "Nothing was loaded."
    ready = f"{wording.number(run.rows_accepted)} {'row is' if run.rows_accepted == 1 else 'rows are'} ready to load"
    if not run.rows_rejected:
        return f"{ready}."
    return f"{ready}, {wording.number(run.rows_rejected)} need correcting."


def _documents(user, today: date) -> list[Need]:
    """Documents about to expire: of a provider's contact's own, or of providers with a place on led frameworks."""
    if not user.may("read", "documents"):
        return []
    soon = ComplianceDocument.objects.filter(expires_on__lte=today + timedelta(days=DOCUMENTS_DAYS))
    if user.authority_id:
        if not user.may("create", "documents"):
            return []
        soon = soon.filter(provider__in=_on_led_frameworks(user, today))
    found = list(soon.select_related("provider").order_by("expires_on")[:5])
    return [
        Need(
            f"{document.get_kind_display()} of {document.provider}",
            f"{'Expired' if document.expires_on <= today else 'Expires'} on {wording.day(document.expires_on)}.",
            "See the documents",
            f"/providers/{document.provider.uuid}/documents/",
        )
        for document in found
    ]


def _on_led_frameworks(user, today: date) -> QuerySet:
    awards = Award.objects.in_force_on(today).filter(framework__lead_authority=user.authority_id)
    return awards.values("provider_id")


def _judgements(user, today: date) -> Table:
    """The newest judgements of providers with a place on any framework, or of the viewer's own provider."""
    newest = Inspection.objects.judged().told_once().newest_first()
    if not user.provider_id:
        newest = newest.filter(provider__in=Award.objects.in_force_on(today).values("provider_id"))
    rows = list(newest.select_related("establishment", "provider")[:JUDGEMENTS_SHOWN])
    columns = [
        Column("provider", "Provider", value=lambda i: i.provider and i.provider.name, link=_provider_link),
        Column("establishment", "Establishment", value=lambda i: i.establishment.shown_name),
        Column("judgement", "Judgement", value=lambda i: i.get_overall_display(), kind="tag"),
        Column("inspected_on", "Inspected on", kind="date"),
    ]
    empty = EmptyState(
        "No judgements yet", "Judgements appear here once Ofsted's published list has been loaded.",
        *(("Load a file", "/imports/") if user.may("create", "imports") else ()),
    )  # fmt: skip
    whose = "Newest judgements of your establishments" if user.provider_id else NEWEST
    return Table(columns, rows, whose, per_page=None, empty=empty,
                 noun=("judgement", "judgements"))  # fmt: skip


def _provider_link(inspection: Inspection) -> str | None:
    return f"/providers/{inspection.provider.uuid}/" if inspection.provider else None

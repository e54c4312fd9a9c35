"""What serves one statement of young people, from the specification to the plan."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Statement, StatementSet
from contracts.pages.referral_words import plural

from ..measures.statement_links import Links, links_of

USUAL_SET = "southwark"


@allowed("plans")
def statement_links(request: HttpRequest, number: int) -> HttpResponse:
    of_set = StatementSet.objects.in_use().filter(code=request.GET.get("set", USUAL_SET)).first()
    statement = (
        Statement.objects.filter(statement_set=of_set, number=number).select_related("statement_set").first()
        if of_set
        else None
    )
    if statement is None:
        raise Http404("No statement of that number.")
    may = request.user.may("read", "outcomes")
    found = links_of(statement, outcomes=may)
    others = Statement.objects.filter(statement_set=of_set).order_by("number")
    return render(request, "compare/statement_links.html", {
        "statement": statement, "answer": _answer(found), "tables": _tables(found), "outcomes": _outcomes(found) if may
        else "", "others": others, "asked_set": of_set.code if of_set.code != USUAL_SET else "",
    })  # fmt: skip


def _answer(found: Links) -> str:
    parts = [
        plural(len(found.lots), "lot asks for it", "lots ask for it"), plural(len(found.kpis), "KPI", "KPIs"),
        plural(len(found.questions), "question on visits", "questions on visits"),
        plural(len(found.asked), "question to young people", "questions to young people"),
        plural(len(found.actions), "planned action", "planned actions"),
    ]  # fmt: skip
    kept = [part for part in parts if not part.startswith("0 ")]
    return f"Serving it: {', '.join(kept)}." if kept else "Nothing serves it yet."


def _outcomes(found: Links) -> str:
    told = found.outcomes
    if not told["n"]:
        return "No agreement of ours seeks an outcome that serves it."
    return (
        f"{plural(told['n'], 'outcome', 'outcomes')} for our young people in {plural(told['homes'], 'home', 'homes')}, "
        f"{told['open']} of them open, {'serves' if told['n'] == 1 else 'serve'} it."
    )


def _table(title: str, rows: list[Any], columns: list[Column], nothing: str) -> Table:
    return Table(columns, rows, title, per_page=None, empty=EmptyState(nothing, ""), noun=("line", "lines"))


def _tables(found: Links) -> list[tuple[str, str, Table | None]]:
    """(title, what is said where there is none, the table)."""
    lots = [
        Column("lot", "Lot", value=lambda row: f"{row.lot.framework.name}, {row.lot}",
               link=lambda row: reverse("lot", args=[row.lot.uuid])),
        Column("asks", "What its specification asks", missing="in no words of its own"),
    ]  # fmt: skip
    kpis = [Column("name", "KPI"), Column("why", "Why it matters"), Column("source", "Where it is from")]
    questions = [
        Column("words", "Question", link=lambda row: reverse("visit-template", args=[row.template.uuid])),
        Column("template", "Asked in", value=lambda row: row.template.name),
    ]
    asked = [Column("words", "Question"), Column("survey", "Asked in", value=lambda row: row.survey.name)]
    actions = [
        Column("words", "Action", link=lambda row: reverse("planned-action", args=[row.uuid])),
        Column("whose", "Plan of", value=lambda row: row.authority.name),
        Column("area", "Area"),
        Column("state", "State", value=lambda row: row.get_state_display()),
    ]
    told: list[tuple[str, list[Any], list[Column], str]] = [
        ("Lots whose specification asks for it", found.lots, lots, "No lot asks for it yet."),
        ("KPIs", found.kpis, kpis, "No KPI is tied to it."),
        ("Questions to young people", found.asked, asked, "Young people are not asked about it yet."),
        ("Planned actions", found.actions, actions, "No planned action serves it."),
        ("Questions on visits", found.questions, questions, "No question of a visit serves it."),
    ]
    return [(title, nothing, _table(title, rows, columns, nothing) if rows else None)
            for title, rows, columns, nothing in told]  # fmt: skip

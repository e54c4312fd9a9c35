"""A visit's report as a printable document: what whoever asks for it may read, and no more."""

from collections.abc import Sequence

from commissioning.kernel import wording
from commissioning.kernel.exports.paper import Paper

from .models import Answer, ImprovementAction, Visit, VisitReport
from .pages.visit import Told, answer_words
from .pages.visit_words import NEVER_44, day_of, where
from .rules import codes

NOT_FOR_SHARING = "For the visiting authority alone: it holds findings that are not shared."


def visit_pdf(
    visit: Visit, report: VisitReport | None, told: Sequence[Told], answers: Sequence[Answer], *, own: bool
) -> bytes:
    """`told` and `answers`: those that the viewer reads. `own`: markings stand beside the findings."""
    title = f"{visit.get_kind_display()}: {where(visit)}"
    paper = Paper(f"{visit.authority}: visit {visit.number}, {where(visit)}")
    paper.set_title(paper.words(title))
    paper.set_lang("en-GB")
    paper.add_page()
    paper.line_of(title, 18, bold=True, after=1)
    paper.line_of(f"{visit.get_state_display()}. {visit.authority}, {wording.day(day_of(visit))}", 12, after=2)
    if own and any(each.finding.marking != "shareable" for each in told):
        paper.line_of(NOT_FOR_SHARING, 11, bold=True, after=2)
    paper.pairs(_facts(visit, report))
    if report and report.summary:
        paper.heading("In short")
        paper.line_of(report.summary, 10)
    paper.heading("Findings")
    if not told:
        paper.line_of("No finding.", 10)
    for each in told:
        _finding(paper, each, own=own)
    actions = [(each.number, action) for each in told for action in each.actions]
    if actions:
        paper.heading("Actions")
        paper.table_of(("Finding", "Action", "Who", "By", "State"), [_action(n, row) for n, row in actions],
                       widths=(16, 70, 34, 30, 24))  # fmt: skip
    _answers(paper, answers)
    paper.ln(4)
    paper.line_of(visit.template.rule, 9, after=1)
    paper.line_of(NEVER_44, 9)
    paper.say_what_is_lost("this visit")
    return bytes(paper.output())


def _facts(visit: Visit, report: VisitReport | None) -> list[tuple[str, str | None]]:
    facts: list[tuple[str, str | None]] = [
        ("Provider", visit.provider.name),
        ("What was asked", f"{visit.template.name}, version {visit.template.number}"),
        ("Took place on", wording.day(visit.visited_on) if visit.visited_on else "Not yet"),
        ("Announced", "Yes" if visit.announced else "No"),
        ("Young inspectors", "Yes" if visit.young_inspectors else "No"),
        ("Came to", report.get_rating_display() if report and report.rating else "No rating"),
    ]
    if report and report.rating_why:
        facts.append(("Why it differs from the rule", report.rating_why))
    if report and report.people_seen:
        facts.append(("People seen", report.people_seen))
    if report and report.signed_name:
        facts.append(("Signed by", report.signed_name))
    return facts


def _finding(paper: Paper, each: Told, *, own: bool) -> None:
    about = f": {each.finding.question}" if each.finding.question else ""
    paper.line_of(f"Finding {each.number}{about}", 10, bold=True)
    paper.line_of(each.finding.words, 10, after=1)
    said = [f"Marked: {each.finding.get_marking_display()}."] if own else []
    if each.finding.asks_action:
        said.append("Asks for an action.")
    if each.reply:
        said.append(f"The provider: {each.reply.get_says_display().lower()}. {each.reply.words}".strip())
        if each.reply.outcome:
            said.append(f"Decided: {each.reply.get_outcome_display().lower()}. {each.reply.outcome_words}".strip())
    for line in said:
        paper.line_of(line, 9)
    paper.ln(2)


def _action(number: int, row: ImprovementAction) -> list[str]:
    return [f"{number}", row.words, row.owner, wording.day(row.due_on), codes.ACTION_STATES[row.state]]


def _answers(paper: Paper, answers: Sequence[Answer]) -> None:
    sections: dict[str, list[list[str]]] = {}
    for row in answers:
        section = f"{row.question.section}. {row.question.section_name}"
        sections.setdefault(section, []).append([str(row.question), answer_words(row) or "Not answered", row.note])
    for name, rows in sections.items():
        paper.heading(name)
        paper.table_of(("Question", "Answer", "Note"), rows, widths=(80, 30, 64))

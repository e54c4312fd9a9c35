"""The questions that councils are asked each year, and a paragraph that answers each, ready to send."""

from collections.abc import Sequence

from commissioning.kernel import wording

from ..measures.foi import FEW, OWN, Answer, Answers, Figure, Line

QUESTIONS = {
    "fostering": "Weekly fees of independent fostering agencies, by age and level",
    "residential": "Weekly fees of children’s homes, by age and level",
    "supported": "Weekly fees of supported accommodation and lodgings, by age and level",
    "placements": "How many homes there were",
    "route": "What was spent, by how the homes were bought",
    "provider": "What was spent, by provider",
    "recovered": "Supported accommodation: gross, recovered and net",
}
FEES = ("fostering", "residential", "supported")
OF = {
    "fostering": "independent fostering agencies", "residential": "children’s homes of others",
    "supported": "supported accommodation and lodgings of others",
}  # fmt: skip
SIGN = "withheld (c)"
SMALL = (
    "Figures that describe 1 to 7 children are withheld, shown as c, under section 40 (personal information); so are "
    "those from which a withheld figure could be worked out. No lowest or highest fee is given over fewer than 8 "
    "children."
)
COMMERCIAL = (
    "Providers are named. Section 43 (commercial interests) may apply to what a named provider is paid: ask the "
    "provider, and weigh the public interest, before this is sent."
)
UNNAMED = (
    "Providers are not named: the authority considers that section 43 (commercial interests) may apply to what each is "
    "paid."
)
HOW = {
    "fostering": "The fee is all that was paid for the home a week, additional services in, on its last night in the "
    "period. The age is that of the same night.",
    "placements": "Short stays while a child’s own home goes on are not counted. A child who moved is counted once for "
    "each home.",
    "route": "What accrued in the period, day by day. How a home was bought is fixed on the day it was called off.",
    "recovered": "Recovered: what housing benefit and other funders pay. The authority’s own places count too.",
}  # fmt: skip


def period(answers: Answers) -> str:
    if not answers.cut:
        return f"in {answers.year.label}"
    return f"in {answers.year.label} to {wording.day(answers.last_day)}"


def money(value: Figure, *, whole: bool = False) -> str:
    return SIGN if value is None else wording.pounds(value, whole=whole)


def count(value: Figure) -> str:
    return SIGN if value is None else wording.number(value)


def paragraph(key: str, answers: Answers, whose: str) -> str:
    """The answer in words. Every figure in it stands in the table too."""
    answer = answers.answers[key]
    if not answer.lines:
        return f"{whose} holds none: it had no home of the kind {period(answers)}."
    if key in FEES:
        said = _fees(key, answer, answers, whose)
    else:
        said = {"placements": _placements, "route": _routes, "provider": _providers, "recovered": _recovered}[key](
            answer, answers, whose
        )
    return f"{said}{_withheld(answer)}"


def _withheld(answer: Answer) -> str:
    gone = sum(line.withheld for line in answer.lines)
    if not gone:
        return ""
    lines = "1 line is" if gone == 1 else f"{gone} lines are"
    return f" {lines} withheld wholly or in part, because few children stand behind {'it' if gone == 1 else 'them'}."


def _fees(key: str, answer: Answer, answers: Answers, whose: str) -> str:
    told = answer.whole.figures
    if None in told.values():
        return f"{whose} bought homes of {OF[key]} {period(answers)} for so few children that their fees are withheld."
    return (
        f"{whose} paid {OF[key]} a mean of {money(told['mean'])} a week over {count(told['homes'])} homes "
        f"{period(answers)}. The lowest fee was {money(told['lowest'])} and the highest {money(told['highest'])} a "
        "week."
    )


def _placements(answer: Answer, answers: Answers, whose: str) -> str:
    told = answer.whole.figures
    return (
        f"Children and young people of {whose} had {count(told['lived'])} homes {period(answers)}. "
        f"{count(told['began'])} of these began in that time, and {count(told['there'])} were lived in on "
        f"{wording.day(answers.last_day)}."
    )


def _routes(answer: Answer, answers: Answers, whose: str) -> str:
    parts = [f"{line.labels[0].lower()} {money(line.figures['gross'], whole=True)}" for line in answer.lines]
    return (
        f"{whose} spent {money(answer.whole.figures['gross'], whole=True)} on homes {period(answers)}: "
        f"{_listed(parts)}."
    )


def _providers(answer: Answer, answers: Answers, whose: str) -> str:
    providers = [line for line in answer.lines if line.labels[0] != OWN and not line.labels[0].endswith(FEW)]
    said = f"{whose} spent {money(answer.whole.figures['gross'], whole=True)} on homes {period(answers)}."
    if len(providers) > 1:
        said += f" The most went to {_listed([_with(line) for line in providers[:3]])}."
    return f"{said} {COMMERCIAL if answers.named else UNNAMED}"


def _with(line: Line) -> str:
    return f"{line.labels[0]} ({money(line.figures['gross'], whole=True)})"


def _recovered(answer: Answer, answers: Answers, whose: str) -> str:
    told = answer.whole.figures
    if None in told.values():
        return f"{whose} provided supported accommodation {period(answers)} for so few that its cost is withheld."
    back = (told["housing"] or 0) + (told["others"] or 0)
    return (
        f"Supported accommodation and lodgings cost {whose} {money(told['gross'], whole=True)} {period(answers)}. "
        f"{money(back, whole=True)} of it was recovered, which leaves {money(told['net'], whole=True)} net."
    )


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]

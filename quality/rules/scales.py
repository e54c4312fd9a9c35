"""Ofsted's scales, kept apart (DESIGN.md decision 9): grades for homes and agencies, outcomes for supported
accommodation. Not yet inspected is a state of its own. Nothing is averaged across scales."""

SCALES = {"grades": "Overall experiences and progress", "outcomes": "Supported accommodation outcome"}

GRADES = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires_improvement": "Requires improvement to be good",
    "inadequate": "Inadequate",
}

OUTCOMES = {
    "consistently_strong": "Consistently strong service delivery",
    "inconsistent": "Inconsistent quality of service delivery",
    "serious_weaknesses": "Serious or widespread weaknesses",
}

# Words of the framework before April 2013, kept as they were given: they are not today's grades.
FORMER_GRADES = {"adequate": "Adequate (former grade)", "satisfactory": "Satisfactory (former grade)"}

WORDS_OF = {"grades": GRADES, "outcomes": OUTCOMES}  # what a judgement of today may be
ALL_JUDGEMENTS = GRADES | FORMER_GRADES | OUTCOMES
NOT_YET_INSPECTED = "Not yet inspected"

# Other words of the files for the same grades.
OTHER_WORDS = {
    "requires improvement": "requires_improvement",
    "1": "outstanding",
    "2": "good",
    "3": "requires_improvement",
    "4": "inadequate",
}
NOT_JUDGED = ("", "not judged", "5", "n/a", "not applicable", "null")

# For lists that put what limits first. Within a scale only: no order between the two scales is meant.
WORST_FIRST = (
    "inadequate",
    "requires_improvement",
    "adequate",
    "satisfactory",
    "serious_weaknesses",
    "inconsistent",
    "good",
    "consistently_strong",
    "outstanding",
    "",
)


def scale_of(kind: str) -> str:
    """On which scale a kind of establishment is judged: supported accommodation has one of its own."""
    return "outcomes" if kind == "supported_accommodation" else "grades"


def grade_limits(*, overall: str, protection: str, leadership: str) -> str | None:
    """Why an overall grade cannot stand beside the others, or None (FIELD.md 3.11, the common inspection framework).

    Protection Inadequate makes overall Inadequate; leadership Inadequate caps overall at Requires improvement.
    """
    if protection == "inadequate" and overall in GRADES and overall != "inadequate":
        return "How well children are helped and protected is Inadequate, so the overall judgement must be Inadequate."
    if leadership == "inadequate" and overall in ("outstanding", "good"):
        return (
            "Leadership is Inadequate, so the overall judgement can be no better than Requires improvement to be good."
        )
    return None

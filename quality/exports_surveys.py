"""The blank template of answers on paper, which comes back through the source `surveys`."""

from datetime import datetime

from commissioning.kernel.exports.form import FormColumn, WorkbookForm
from commissioning.kernel.exports.notice import Notice
from commissioning.partnership.models import Statement

from .models import Survey, SurveyQuestion
from .rules import codes

SPARE_ROWS = 300
STATEMENTS = 10  # where no survey asks any yet
INSTRUCTIONS = (
    "One row for each young person and day. Give the placement’s reference, or the child’s: never a name.",
    "Answers are 1 Never, 2 Not often, 3 Sometimes, 4 Mostly or 5 Always.",
    "Leave a cell empty where there is no answer. Where they did not want to say, write “Don’t want to say”.",
    "An answer of Never or Not often about feeling safe is told to your named person at once when the file is loaded.",
    "In their own words: only your authority reads this, and it is not shown in the report of the file.",
)


def surveys_template(*, viewer: str, made_at: datetime) -> bytes:
    """The blank workbook, with as many statements as the surveys in use ask about."""
    from .sources.surveys import SURVEYS

    surveys = list(Survey.objects.in_use())
    asked = SurveyQuestion.objects.filter(survey__in=surveys, kind="scale").values_list("statements", flat=True)
    most = max((number for numbers in asked for number in numbers), default=STATEMENTS)
    sets = {each.statement_set_id for each in surveys}
    told = Statement.objects.filter(statement_set__in=sets).order_by("number") if len(sets) == 1 else ()
    occasions = [words for key, words in codes.OCCASIONS.items() if key != "visit"]
    choices = {
        "survey": list(dict.fromkeys(each.name for each in surveys)), "occasion": occasions,
        "answered_by": list(codes.ANSWERED_BY.values()), "helper": list(codes.HELPERS.values()),
    }  # fmt: skip
    columns = []
    for each in SURVEYS.fields:
        hint = "Every row needs one." if each.filled else ""
        if each.key[0] == "s" and each.key[1:].isdecimal():
            if int(each.key[1:]) <= most:
                columns.append(FormColumn(each.key, each.heading, "text", hint="1 to 5", width=13))
        elif choices.get(each.key):
            columns.append(FormColumn(each.key, each.heading, "choice", choices=choices[each.key], hint=hint, width=26))
        else:
            kind = "date" if each.column == "date" else "text"
            width = 48 if each.key == "words" else 20
            columns.append(FormColumn(each.key, each.heading, kind, hint=hint, width=width))
    return WorkbookForm(
        sheet="Answers", columns=columns, rows=(), spare=SPARE_ROWS,
        instructions=(*INSTRUCTIONS, *(f"Statement {each.number}: {each.words}" for each in told)),
        notice=Notice(title="What young people answered: blank template", viewer=viewer, made_at=made_at),
        reference={"source": "surveys"},
    ).build()  # fmt: skip

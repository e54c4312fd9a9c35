"""The workbook of answers to a freedom of information request: a sheet of words, then a table for each question."""

from collections.abc import Sequence
from datetime import date, datetime

from commissioning.kernel.exports import Notice, SheetOf, file_name, workbook_bytes
from commissioning.kernel.tables import Column

from .measures.foi import Answers
from .pages import foi_tables, foi_words

SHEETS = {
    "fostering": "Fostering fees", "residential": "Children’s home fees", "supported": "Supported fees",
    "placements": "Homes", "route": "Spend by route", "provider": "Spend by provider",
    "recovered": "Supported, net",
}  # fmt: skip


def answer_pack(answers: Answers, *, viewer: str, made_at: datetime, today: date) -> tuple[bytes, str]:
    """(the workbook, its file's name)."""
    title = f"Freedom of information answers {answers.year.label}"
    words = [
        (question, foi_words.paragraph(key, answers, viewer), foi_tables.how(key))
        for key, question in foi_words.QUESTIONS.items()
    ]
    sheets = [
        SheetOf("Answers", [_words("question", "Question", 0), _words("answer", "Answer", 1),
                            _words("how", "How it is counted", 2)], words),
        *(
            SheetOf(SHEETS[key], foi_tables.columns(answer), [*answer.lines, answer.whole] if answer.lines else [])
            for key, answer in answers.answers.items()
        ),
    ]  # fmt: skip
    notes = (foi_words.SMALL, foi_words.COMMERCIAL if answers.named else foi_words.UNNAMED)
    notice = Notice(f"{title}, {foi_words.period(answers)}", viewer, made_at, notes=notes)
    return workbook_bytes(sheets, notice), file_name(title, viewer, today, "xlsx")


def _words(key: str, label: str, place: int) -> Column:
    def value(row: Sequence[str]) -> str:
        return row[place]

    return Column(key, label, value=value)

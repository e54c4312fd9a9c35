"""What a page's reader may ask of its rows: each question is a drop-down, a word of the sentence, and a test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from ..tables import ALL, ActiveFilter


@dataclass(frozen=True)
class Question:
    """`passes(row, value)` says whether a row answers. One that is `always` asked has a default and no "all"."""

    name: str
    label: str
    choices: Mapping[str, str]
    passes: Callable[[Any, str], bool] | None = None
    default: str = ""
    always: bool = False

    def answer(self, asked: QueryDict) -> str:
        value = asked.get(self.name, "")
        return value if value in self.choices else self.default


@dataclass(frozen=True)
class Asked:
    """The filters as words of a sentence, the form's fields, the rows that pass, and the answers by name."""

    filters: list[ActiveFilter]
    fields: list[dict[str, Any]]
    rows: list[Any]
    answers: dict[str, str]


def ask(asked: QueryDict, questions: Sequence[Question], rows: Sequence[Any]) -> Asked:
    """Answers every question from the query string; a value that is no choice counts as not asked."""
    filters, fields, answers, passed = [], [], {}, list(rows)
    for question in questions:
        value = question.answer(asked)
        answers[question.name] = value
        removable = value and value != question.default
        filters.append(
            ActiveFilter(
                question.label, question.choices.get(value, ALL), without(asked, question.name) if removable else ""
            )
        )
        fields.append(
            {
                "name": question.name,
                "label": question.label,
                "value": value,
                "choices": list(question.choices.items()),
                "all": not question.always,
            }
        )
        if value and question.passes is not None:
            passed = [row for row in passed if question.passes(row, value)]
    return Asked(filters, fields, passed, answers)


def by_words(choices: Mapping[str, str]) -> dict[str, str]:
    """Choices in the order of their words."""
    return dict(sorted(choices.items(), key=lambda pair: pair[1]))


def without(asked: QueryDict, name: str) -> str:
    """The page's own address with one filter taken off."""
    rest = asked.copy()
    for other in (name, "page", "format"):
        rest.pop(other, None)
    return f"?{rest.urlencode()}"

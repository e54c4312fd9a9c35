"""The first visit templates, from the room's code lists."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from ..models import TemplateQuestion, VisitTemplate
from ..rules.ratings import RULE

CODES = Path(__file__).resolve().parent.parent / "codes"


def load_templates() -> int:
    """Adds the first version of each template that is not known, and leaves the rest; the caller acts as a service.
    Returns how many the files hold."""
    known = set(VisitTemplate.objects.values_list("code", flat=True))
    questions: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows_of("visit_questions.csv"):
        questions[row["template"]].append(row)
    templates = list(rows_of("visit_templates.csv"))
    for row in templates:
        if row["code"] in known:
            continue
        made = VisitTemplate.objects.create(
            code=row["code"], name=row["name"], kind=row["kind"], service_types=row["service_types"].split(),
            young_inspectors=row["young_inspectors"] == "yes", says=row["says"], rule=RULE,
        )  # fmt: skip
        TemplateQuestion.objects.bulk_create(_question(made, each) for each in questions[row["code"]])
    return len(templates)


def _question(template: VisitTemplate, row: dict[str, str]) -> TemplateQuestion:
    return TemplateQuestion(
        template=template, section=int(row["section"]), section_name=row["section_name"], number=int(row["number"]),
        words=row["words"], guidance=row["guidance"], scale=row["scale"], evidence=row["evidence"],
        weight=int(row["weight"]), vital=row["vital"] == "yes",
        statements=[int(number) for number in row["statements"].split()],
        standards=[name for name in row["standards"].split("; ") if name],
    )  # fmt: skip


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """The rows of one of the room's code lists, by heading."""
    with (CODES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)

"""The next version of a visit template: questions added, put differently, retired. A version never changes. A template
that is no longer used is retired whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from contracts.actions.numbers import lock

from ..models import TemplateQuestion, VisitTemplate
from ..rules import codes, standards

FEWEST, MOST = 1, 60


@dataclass(frozen=True)
class Asked:
    """One question as the next version asks it; its place follows from the order."""

    section_name: str
    words: str
    scale: str
    guidance: str = ""
    evidence: str = ""
    weight: int = 1
    vital: bool = False
    statements: list[int] = field(default_factory=list)
    standards: list[str] = field(default_factory=list)


@transaction.atomic
def make_version(
    *, template: VisitTemplate, name: str, says: str, questions: Sequence[Asked], by: Any
) -> VisitTemplate:
    """The version after `template`, used by every visit planned from now on. Visits planned before keep theirs. Of a
    template that was retired, it is brought back so.

    ValidationError where another version followed meanwhile, without a name, without questions, and for a scale, a
    statement or a standard that there is none of.
    """
    _newest(template)
    if not name.strip():
        raise ValidationError({"name": "Enter the name of the template."})
    if not FEWEST <= len(questions) <= MOST:
        raise ValidationError(f"A template asks from {FEWEST} to {MOST} questions.")
    for asked in questions:
        _check(asked)
    with acting_as(current_viewer(), by=by):
        made = VisitTemplate.objects.create(
            code=template.code, number=template.number + 1, name=name.strip(), kind=template.kind, says=says.strip(),
            service_types=template.service_types, young_inspectors=template.young_inspectors, rule=template.rule,
        )  # fmt: skip
        TemplateQuestion.objects.bulk_create(_placed(made, questions))
    return made


@transaction.atomic
def retire_template(*, template: VisitTemplate, why: str, by: Any, today: date) -> VisitTemplate:
    """No visit is planned on it from now on; those that are planned, and all that was recorded, keep it.

    ValidationError where another version followed meanwhile, where it is retired already, and without a reason, which
    history keeps."""
    newest = _newest(template)
    if newest.retired_on is not None:
        raise ValidationError("This template is retired already.")
    if not why.strip():
        raise ValidationError({"why": "Say why it is no longer used."})
    with acting_as(current_viewer(), by=by, reason=why.strip()):
        newest.retired_on = today
        newest.save(update_fields=["retired_on"])
    return newest


def _newest(template: VisitTemplate) -> VisitTemplate:
    """The template where it is the newest version, with nobody else changing it until this is done."""
    lock(VisitTemplate, 0)
    newest = VisitTemplate.objects.filter(code=template.code).order_by("-number").first()
    if newest is None or newest.pk != template.pk:
        raise ValidationError("Somebody made another version meanwhile. Open the newest one, and change that.")
    return newest


def _check(asked: Asked) -> None:
    if not asked.words.strip() or not asked.section_name.strip():
        raise ValidationError("Each question has its words and its section.")
    if asked.scale not in codes.SCALE_NAMES:
        raise ValidationError(f"“{asked.words}”: choose how it is answered.")
    if asked.weight < 0:
        raise ValidationError(f"“{asked.words}”: a weight is nought or more.")
    if asked.vital and not (codes.ANSWER_SCALES[asked.scale] and asked.weight):
        raise ValidationError(f"“{asked.words}”: a vital question has a weight, and answers that count.")
    if not set(asked.statements) <= set(range(1, 11)):
        raise ValidationError(f"“{asked.words}”: the I statements are numbered from 1 to 10.")
    if strange := [each for each in asked.standards if each not in standards.NAMES]:
        raise ValidationError(f"“{asked.words}”: no quality standard is called “{strange[0]}”.")


def _placed(template: VisitTemplate, questions: Sequence[Asked]) -> list[TemplateQuestion]:
    """Sections in the order in which they are first named, the questions of each together."""
    sections: dict[str, list[Asked]] = {}
    for asked in questions:
        sections.setdefault(asked.section_name.strip(), []).append(asked)
    return [
        TemplateQuestion(
            template=template, section=section, section_name=name, number=number, words=asked.words.strip(),
            guidance=asked.guidance.strip(), scale=asked.scale, evidence=asked.evidence.strip(), weight=asked.weight,
            vital=asked.vital, statements=asked.statements, standards=asked.standards,
        )
        for section, (name, listed) in enumerate(sections.items(), 1)
        for number, asked in enumerate(listed, 1)
    ]  # fmt: skip

"""Changing a framework: what it is, its term, an extension taken, an event of its life."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q

from commissioning.kernel import wording
from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Extension, Framework, FrameworkEvent, Participation
from ..rules.terms import check_term, last_day
from .leading import must_lead, save_unchanged


def change_framework(
    *, framework: Framework, version: int, by: object, name: str, reference: str, kind: str, note: str,
    reason: str = "",
) -> Framework:  # fmt: skip
    """Raises ChangedMeanwhile where `version` is no longer the row's, ValidationError for a reference in use."""
    must_lead(framework)
    problems = {}
    if Framework.objects.filter(reference=reference).exclude(pk=framework.pk).exists():
        problems["reference"] = f"The reference {reference} is used by another framework. Choose a different one."
    if "ends_before" in check_term(kind, framework.starts_on, framework.ends_before, ()):
        problems["kind"] = "Record the last day of its initial term first: this kind of framework needs one."
    if problems:
        raise ValidationError(problems)
    with acting_as(current_viewer(), by=by, reason=reason):
        return save_unchanged(framework, version, name=name, reference=reference, kind=kind, note=note)


def change_term(
    *, framework: Framework, version: int, by: object, starts_on: date, ends_before: date | None,
    extension_months: Sequence[int], reason: str = "",
) -> Framework:  # fmt: skip
    """First day, end of the initial term, and the extension options. Those taken stay as they are.

    Authorities that took part from the old first day take part from the new one.
    """
    must_lead(framework)
    problems = check_term(framework.kind, starts_on, ends_before, extension_months)
    options = list(framework.extensions.order_by("position"))
    taken = [option.months for option in options if option.taken_on]
    if list(extension_months[: len(taken)]) != taken:
        problems["extension_months"] = (
            f"Extensions already taken stay: begin with {', '.join(str(months) for months in taken)}."
        )
    from_the_start = framework.participations.filter(starts_on=framework.starts_on)
    if ended := from_the_start.filter(ends_before__lte=starts_on).select_related("authority").first():
        problems["starts_on"] = (
            f"{ended.authority} stopped taking part before then, on {wording.day(last_day(ended.ends_before))}."
        )
    if problems:
        raise ValidationError(problems)
    with acting_as(current_viewer(), by=by, reason=reason):
        members = list(from_the_start.values_list("pk", flat=True))
        save_unchanged(framework, version, starts_on=starts_on, ends_before=ends_before)
        Participation.objects.filter(~Q(starts_on=starts_on), pk__in=members).update(starts_on=starts_on)
        _set_options(framework, options, extension_months)
    return framework


def _set_options(framework: Framework, options: list[Extension], months: Sequence[int]) -> None:
    for option, wanted in zip(options, months, strict=False):
        if option.months != wanted:
            Extension.objects.filter(pk=option.pk).update(months=wanted)
    Extension.objects.filter(pk__in=[option.pk for option in options[len(months) :]]).delete()
    start = max((option.position for option in options[: len(months)]), default=0) + 1
    Extension.objects.bulk_create(
        Extension(framework=framework, position=position, months=wanted)
        for position, wanted in enumerate(months[len(options) :], start=start)
    )


def take_extension(*, extension: Extension, taken_on: date, today: date, by: object) -> Extension:
    """Takes the next option. Raises ValidationError where it is not next, is in the future, or comes too late."""
    framework = extension.framework
    must_lead(framework)
    problem = ""
    end = framework.runs_until
    if extension.taken_on:
        problem = f"This extension was taken on {wording.day(extension.taken_on)}."
    elif framework.extensions.filter(position__lt=extension.position, taken_on=None).exists():
        problem = "Take the earlier extension first."
    elif end is None:
        problem = "This framework has no last day, so there is nothing to extend."
    elif taken_on > today:
        problem = "Enter today or an earlier day: an extension is recorded once it has been taken."
    elif taken_on >= end:
        problem = f"The framework ended on {wording.day(last_day(end))}. It can only be extended before it ends."
    elif taken_on < framework.starts_on:
        problem = f"The framework began on {wording.day(framework.starts_on)}. Enter that day or a later one."
    if problem:
        raise ValidationError({"taken_on": problem})
    with acting_as(current_viewer(), by=by):
        if not Extension.objects.filter(pk=extension.pk, taken_on=None).update(taken_on=taken_on):
            raise ValidationError({"taken_on": "Somebody else has just recorded this extension."})
    extension.taken_on = taken_on
    return extension


def record_event(*, framework: Framework, kind: str, happens_on: date, note: str = "", by: object) -> FrameworkEvent:
    must_lead(framework)
    with acting_as(current_viewer(), by=by):
        return FrameworkEvent.objects.create(framework=framework, kind=kind, happens_on=happens_on, note=note)

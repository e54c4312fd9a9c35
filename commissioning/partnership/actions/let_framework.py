"""Letting a framework: what it is, how long it runs, and who takes part from its first day: its lead always."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Authority, Extension, Framework, Participation
from ..rules.terms import check_term


def let_framework(
    *,
    by: object,
    lead_authority: Authority,
    name: str,
    reference: str,
    kind: str,
    starts_on: date,
    ends_before: date | None = None,
    extension_months: Sequence[int] = (),
    participants: Iterable[Authority] = (),
    note: str = "",
    uuid: UUID | None = None,
) -> Framework:
    """The new framework, with its extension options and participations. The viewer is the lead authority.

    It takes part whether named among the participants or not: else it could not see the rates that it loads. `uuid` is
    its public id where another installation has given it one, and nothing here has it.

    Raises ValidationError by field: a reference in use, an end before the start, a kind that needs an end.
    """
    problems = check_term(kind, starts_on, ends_before, extension_months)
    if Framework.objects.filter(reference=reference).exists():
        problems["reference"] = f"The reference {reference} is used by another framework. Choose a different one."
    if problems:
        raise ValidationError(problems)
    with acting_as(current_viewer(), by=by):
        framework = Framework.objects.create(
            lead_authority=lead_authority, name=name, reference=reference, kind=kind,
            starts_on=starts_on, ends_before=ends_before, note=note, uuid=uuid or uuid4(),
        )  # fmt: skip
        Extension.objects.bulk_create(
            Extension(framework=framework, position=position, months=months)
            for position, months in enumerate(extension_months, start=1)
        )
        Participation.objects.bulk_create(
            Participation(framework=framework, authority=authority, starts_on=starts_on)
            for authority in dict.fromkeys((lead_authority, *participants))
        )
    return framework

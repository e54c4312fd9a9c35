"""You said, we did: what young people said of a provider's homes, in an officer's words, and what was done."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import save_unchanged
from commissioning.partnership.models import Statement, StatementSet
from providers.models import Provider

from ..models import SurveyWords, YouSaid
from ..rules.quoting import quoted_from

QUOTES = (
    "These words were written by a young person: “{words}”. Say it in your own words, so that nobody can tell who said "
    "it."
)


@transaction.atomic
def add_you_said(
    *, authority_id: int, provider: Provider, statement_set: StatementSet, statements: Sequence[int], said: str,
    said_on: date, by: Any, today: date, did: str = "", did_on: date | None = None,
) -> YouSaid:  # fmt: skip
    """The authority's own until it is published. ValidationError (by field) for words that a young person wrote, an
    unknown statement, a day to come, and what was done without its day or the other way round."""
    _check(provider, statement_set, statements, said, said_on, did, did_on, today)
    with acting_as(current_viewer(), by=by):
        return YouSaid.objects.create(
            authority_id=authority_id, provider=provider, statement_set=statement_set, statements=sorted(statements),
            said=said.strip(), did=did.strip(), said_on=said_on, did_on=did_on,
        )  # fmt: skip


@transaction.atomic
def change_you_said(
    *, you_said: YouSaid, version: int, statements: Sequence[int], said: str, said_on: date, by: Any, today: date,
    did: str = "", did_on: date | None = None,
) -> YouSaid:  # fmt: skip
    """As add_you_said; raises ChangedMeanwhile. What others read already changes for them too."""
    _check(you_said.provider, you_said.statement_set, statements, said, said_on, did, did_on, today)
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            you_said, version, statements=sorted(statements), said=said.strip(), said_on=said_on, did=did.strip(),
            did_on=did_on,
        )  # fmt: skip


@transaction.atomic
def publish_you_said(*, you_said: YouSaid, version: int, by: Any) -> YouSaid:
    """The provider and every member read it from now on. Looked through once more: a young person may have written the
    same words meanwhile. Raises ChangedMeanwhile."""
    if you_said.to_members:
        raise ValidationError("It is published already.")
    _quotes_nobody(you_said.provider, {"said": you_said.said, "did": you_said.did})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(you_said, version, to_provider=True, to_members=True)


def _check(
    provider: Provider, statement_set: StatementSet, statements: Sequence[int], said: str, said_on: date, did: str,
    did_on: date | None, today: date,
) -> None:  # fmt: skip
    known = set(Statement.objects.filter(statement_set=statement_set).values_list("number", flat=True))
    if not statements or not set(statements) <= known:
        raise ValidationError({"statements": "Choose at least one statement that it is about."})
    if not said.strip():
        raise ValidationError({"said": "Say in your own words what young people said."})
    for name, day in (("said_on", said_on), ("did_on", did_on)):
        if day is not None and day > today:
            raise ValidationError({name: "That day has not come: check the date."})
    if did.strip() and did_on is None:
        raise ValidationError({"did_on": "Enter the day on which it was done."})
    if did_on is not None and not did.strip():
        raise ValidationError({"did": "Say what was done, or leave the day out."})
    if did_on is not None and did_on < said_on:
        raise ValidationError({"did_on": "It would be done before it was said: check the dates."})
    _quotes_nobody(provider, {"said": said, "did": did})


def _quotes_nobody(provider: Provider, texts: dict[str, str]) -> None:
    written = list(SurveyWords.objects.filter(response__provider=provider).values_list("words", flat=True))
    found = {name: quoted_from(text, written) for name, text in texts.items()}
    problems = {name: QUOTES.format(words=words) for name, words in found.items() if words}
    if problems:
        raise ValidationError(problems)

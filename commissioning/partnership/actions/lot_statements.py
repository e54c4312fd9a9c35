"""Which statements of young people a lot's specification asks its providers to serve, and how."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer

from ..models import Lot, LotStatement, Statement, StatementSet
from .leading import must_lead

CHANGED = "Somebody else changed the statements of this lot meanwhile. They stand below as you typed them: save again."


def known_of(lot: Lot, statement_set: StatementSet) -> str:
    """How the lot's statements of this set stand, so that a change meanwhile is noticed."""
    rows = _rows(lot, statement_set).order_by("pk").values_list("pk", "version")
    return " ".join(f"{pk}.{version}" for pk, version in rows)


def _rows(lot: Lot, statement_set: StatementSet):  # type: ignore[no-untyped-def]
    return LotStatement.objects.filter(lot=lot, statement__statement_set__code=statement_set.code)


@transaction.atomic
def set_lot_statements(
    *, lot: Lot, statement_set: StatementSet, asks: Mapping[int, str], known: str, by: object
) -> None:  # fmt: skip
    """`asks`: number of the statement -> what the specification asks for it, in words. Those of an older version of the
    set give way. ValidationError for a number of no statement, and where somebody else changed them since `known`."""
    must_lead(lot.framework)
    numbered = {each.number: each for each in Statement.objects.filter(statement_set=statement_set)}
    if not set(asks) <= set(numbered):
        raise ValidationError("Choose statements of the set.")
    if known != known_of(lot, statement_set):
        raise ValidationError(CHANGED)
    with acting_as(current_viewer(), by=by):
        kept = {row.statement_id: row for row in _rows(lot, statement_set)}
        wanted = {numbered[number].pk: words.strip() for number, words in asks.items()}
        LotStatement.objects.filter(pk__in=[row.pk for key, row in kept.items() if key not in wanted]).delete()
        for key, words in wanted.items():
            if key not in kept:
                LotStatement.objects.create(framework_id=lot.framework_id, lot=lot, statement_id=key, asks=words)
            elif kept[key].asks != words:
                LotStatement.objects.filter(pk=kept[key].pk).update(asks=words)

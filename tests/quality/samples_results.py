"""Rows on which the routes of results and of you said, we did are tried (tests/permissions.py)."""

from django.utils import timezone

from commissioning.partnership.models import Statement
from quality.actions.you_said import add_you_said
from quality.models import YouSaid
from tests.permissions import Sample
from tests.quality.voices import service, statement_set

SHARED = "every member and provider reads statements; the answers counted are each authority's own"


def _statement(cast):
    with service():
        return {"uuid": Statement.objects.filter(statement_set=statement_set()).order_by("number")[0].uuid}


def _you_said(cast):
    """Southwark's, not published."""
    with service():
        of = statement_set()
    with cast.acting("quality_officer") as user:
        made = YouSaid.objects.first() or add_you_said(
            authority_id=user.authority_id, provider=cast.provider, statement_set=of, statements=[1],
            said="Doors do not lock", said_on=timezone.localdate(), by=user, today=timezone.localdate(),
        )  # fmt: skip
        return {"uuid": made.uuid}


SAMPLES = {
    "outcomes-statement": Sample(_statement, why=SHARED),
    "you-said-one": Sample(_you_said, hidden_from="stranger"),
    "you-said-change": Sample(_you_said, hidden_from="stranger"),
    "you-said-publish": Sample(_you_said, hidden_from="stranger"),
    "you-said-provider": Sample(lambda cast: {"uuid": cast.provider.uuid}, hidden_from="rival"),
}

"""Rows on which the quality room's routes with arguments are tried (tests/permissions.py)."""

from tests.permissions import Sample
from tests.quality import samples_record

SAMPLES = {
    "provider-judgements": Sample(lambda cast: {"uuid": cast.provider.uuid}, hidden_from="rival"),
    **samples_record.SAMPLES,
}

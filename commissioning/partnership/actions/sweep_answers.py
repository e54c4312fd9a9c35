"""Answers that were kept so that a call could be sent again (models/keys.py) go after a day."""

from datetime import datetime, timedelta

from commissioning.kernel.tenancy.viewer import Viewer, acting_as

from ..models import Authority, KeptAnswer

KEPT = timedelta(days=1)
BY = "service:partners' door"


def sweep_answers(*, now: datetime) -> int:
    """Takes away what was kept for KEPT or longer; returns how many. Each authority's own, so as each in turn."""
    with acting_as(Viewer.of_service("partners' door"), by=BY):
        authorities = list(Authority.objects.exclude(member_from=None).order_by("pk").values_list("pk", flat=True))
    swept = 0
    for authority_id in authorities:
        with acting_as(Viewer.of_authority(authority_id), by=BY):
            swept += KeptAnswer.objects.filter(kept_at__lte=now - KEPT).delete()[0]
    return swept

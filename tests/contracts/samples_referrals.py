"""Rows on which the routes of the referral log are tried (tests/permissions.py)."""

from datetime import UTC, date, datetime

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from contracts.actions.children import find_child
from contracts.actions.referrals import close_referral, open_referral
from contracts.models import Offer, Referral
from tests.contracts.bought import BY, child_of
from tests.permissions import Sample

OPEN, CLOSED = "SAMPLE-SEARCH", "SAMPLE-FOUND"
ASKED_AT = datetime(2026, 4, 20, 9, 30, tzinfo=UTC)


def search_of(cast, reference: str) -> Referral:
    """Southwark's search in which Alder was asked, made once; closed where it is CLOSED."""
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        child = find_child(authority=cast.authority, reference=reference)
        if child is not None:
            return Referral.objects.get(child=child)
        found = open_referral(
            child=child_of(cast.authority, reference), needed_by=date(2026, 4, 21), urgency="planned",
            in_house_tried="no", service_type="fostering", providers=[cast.provider], by=BY, now=ASKED_AT,
        )  # fmt: skip
        if reference == CLOSED:
            close_referral(referral=found, version=found.version, outcome="withdrawn", by=BY, now=ASKED_AT)
        return found


def _open(cast):
    return {"uuid": search_of(cast, OPEN).uuid}


def _closed(cast):
    return {"uuid": search_of(cast, CLOSED).uuid}


def _offer(cast):
    found = search_of(cast, OPEN)
    with acting_as(Viewer.of_authority(cast.authority.pk), by=BY):
        return {"uuid": found.uuid, "offer": Offer.objects.get(referral=found).uuid}


SAMPLES = {
    **{
        name: Sample(_open, hidden_from="stranger")
        for name in ("referral", "referral-ask", "referral-view", "referral-choose", "referral-close")
    },
    "referral-reopen": Sample(_closed, hidden_from="stranger"),
    "referral-answer": Sample(_offer, hidden_from="stranger"),
}

"""Rows on which the routes of contract meetings are tried (tests/permissions.py)."""

from django.utils import timezone

from quality.models import ContractMeeting, MeetingItem
from tests.permissions import Sample
from tests.quality.meeting import meeting_in
from tests.quality.visiting import own


def meeting(cast, state):
    """Southwark's with Alder, made once in each state."""
    with own(cast.authority):
        found = ContractMeeting.objects.filter(authority=cast.authority, state=state).first()
    return found or meeting_in(cast, state, timezone.localdate())


def _planned(cast):
    return {"uuid": meeting(cast, "planned").uuid}


def _held(cast):
    return {"uuid": meeting(cast, "held").uuid}


def _minuted(cast):
    return {"uuid": meeting(cast, "minuted").uuid}


def _item(cast):
    row = meeting(cast, "planned")
    with own(cast.authority):
        return {"uuid": row.uuid, "item": MeetingItem.objects.filter(meeting=row).first().uuid}


SAMPLES = {
    "contract-meeting": Sample(_minuted, hidden_from="rival"),
    "contract-meeting-file": Sample(_minuted, hidden_from="rival"),
    "contract-meeting-prepare": Sample(_planned, hidden_from="stranger"),
    "contract-meeting-move": Sample(_planned, hidden_from="stranger"),
    "contract-meeting-cancel": Sample(_planned, hidden_from="stranger"),
    "contract-meeting-item-new": Sample(_planned, hidden_from="stranger"),
    "contract-meeting-item": Sample(_item, hidden_from="stranger"),
    "contract-meeting-send": Sample(_planned, hidden_from="stranger"),
    "contract-meeting-held": Sample(_planned, hidden_from="stranger"),
    "contract-meeting-minutes": Sample(_held, hidden_from="stranger"),
    "contract-meeting-agree": Sample(_held, hidden_from="stranger"),
    "contract-meeting-finish": Sample(_held, hidden_from="stranger"),
}

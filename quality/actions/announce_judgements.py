"""Changes of a regulator's judgement, announced to the webhooks of every member alike, whether or not a child of theirs
lives at the home: so a message tells nobody of anybody's children. What had long been public is announced no more than
it is mailed (`rules/news.py`): the first load of years of lists tells nothing."""

from collections.abc import Iterable
from datetime import datetime

from commissioning.partnership.actions.announce import announce

from ..models import Change
from .tell_authorities import news, watched_since


def announce_judgements(changes: Iterable[Change], *, now: datetime) -> None:
    """Those of the changes that are of a judgement, and news. The row to read is the inspection's."""
    since = watched_since()
    about = [
        change.inspection.uuid
        for change in changes
        if change.kind == "judgement" and change.inspection is not None and news(change, since)
    ]
    announce(kind="judgement.changed", resource="inspections", about=about, at=now)

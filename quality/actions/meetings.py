"""Contract meetings: planned, prepared, held, minuted, and what was agreed put on the list of actions."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.actions.leading import ChangedMeanwhile, save_unchanged
from commissioning.partnership.models import Lot
from contracts.actions.numbers import next_number
from providers.models import Award, Provider

from ..models import ContractMeeting, ImprovementAction, MeetingItem, MeetingMinutes, MeetingPaper
from ..rules.agenda import Proposed
from .improvement import lacking

OVER = "This meeting is over: its agenda stands."


@transaction.atomic
def plan_meeting(
    *, authority_id: int, provider: Provider, planned_on: date, by: Any, today: date, lot: Lot | None = None,
    chair: str = "", tell: bool = False,
) -> ContractMeeting:  # fmt: skip
    """With `tell` the provider reads of it from now on. ValidationError (by field) for a day that is past, and a lot
    on which the provider never had a place."""
    if planned_on < today:
        raise ValidationError({"planned_on": "That day is past: enter the day of the meeting."})
    if lot is not None and not Award.objects.filter(lot=lot, provider=provider).exists():
        raise ValidationError({"lot": "This provider has no place on that lot: choose another, or the whole provider."})
    with acting_as(current_viewer(), by=by):
        return ContractMeeting.objects.create(
            authority_id=authority_id, provider=provider, lot=lot, planned_on=planned_on, chair=chair.strip(),
            number=next_number(ContractMeeting, authority_id), to_provider=tell,
        )  # fmt: skip


@transaction.atomic
def move_meeting(*, meeting: ContractMeeting, version: int, planned_on: date, by: Any, today: date) -> ContractMeeting:
    """Raises ChangedMeanwhile; ValidationError for a meeting that is over, and a day that is past."""
    _must_be_planned(meeting)
    if planned_on < today:
        raise ValidationError({"planned_on": "That day is past: enter the day of the meeting."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(meeting, version, planned_on=planned_on)


@transaction.atomic
def prepare_meeting(
    *, meeting: ContractMeeting, scorecard: dict[str, Any], items: Sequence[Proposed], notes: str, by: Any,
    now: datetime,
) -> MeetingPaper:  # fmt: skip
    """Keeps the scorecard as it stands, and puts on the agenda what is chosen and not on it yet. Done again, the
    scorecard is that of the newer day; history keeps the one before."""
    _must_be_planned(meeting)
    with acting_as(current_viewer(), by=by):
        told = {"scorecard": scorecard, "notes": notes.strip(), "prepared_at": now}
        paper, _ = MeetingPaper.objects.update_or_create(
            authority_id=meeting.authority_id, meeting=meeting, defaults=told
        )
        known = {title.casefold() for title in _items(meeting).values_list("title", flat=True)}
        for each in items:
            if each.title.casefold() not in known:
                _add(meeting, each.title, each.words)
    return paper


@transaction.atomic
def add_item(*, meeting: ContractMeeting, title: str, words: str, by: Any) -> MeetingItem:
    """Something more to talk about: before the meeting, or raised in it. ValidationError without a title."""
    if meeting.state not in ("planned", "held"):
        raise ValidationError(OVER)
    if not title.strip():
        raise ValidationError({"title": "Say what is to be talked about."})
    with acting_as(current_viewer(), by=by):
        return _add(meeting, title, words)


def _items(meeting: ContractMeeting) -> Any:
    return MeetingItem.objects.filter(meeting=meeting)


def _add(meeting: ContractMeeting, title: str, words: str) -> MeetingItem:
    last = _items(meeting).aggregate(last=Max("position"))["last"] or 0
    return MeetingItem.objects.create(
        authority_id=meeting.authority_id, provider_id=meeting.provider_id, meeting=meeting, position=last + 1,
        title=title.strip(), words=words.strip(),
    )  # fmt: skip


@transaction.atomic
def change_item(*, item: MeetingItem, version: int, title: str, words: str, by: Any) -> MeetingItem:
    """Raises ChangedMeanwhile; ValidationError once the meeting was held, and without a title."""
    if item.meeting.state != "planned":
        raise ValidationError(OVER)
    if not title.strip():
        raise ValidationError({"title": "Say what is to be talked about."})
    with acting_as(current_viewer(), by=by):
        return save_unchanged(item, version, title=title.strip(), words=words.strip())


@transaction.atomic
def share_agenda(*, meeting: ContractMeeting, version: int, items: Collection[MeetingItem], by: Any) -> ContractMeeting:
    """The provider reads of the meeting, and these items of its agenda, from now on: that is not taken back. Raises
    ChangedMeanwhile."""
    if meeting.state == "cancelled":
        raise ValidationError("This meeting was called off.")
    with acting_as(current_viewer(), by=by):
        return _shared(meeting, version, items)


def _shared(meeting: ContractMeeting, version: int, items: Collection[MeetingItem], **fields: Any) -> ContractMeeting:
    saved = save_unchanged(meeting, version, to_provider=True, **fields)
    _items(meeting).filter(pk__in=[each.pk for each in items], to_provider=False).update(to_provider=True)
    ImprovementAction.objects.filter(meeting=meeting, to_provider=False).update(to_provider=True)
    if saved.state == "minuted":
        _minutes(meeting).filter(item__to_provider=True, to_provider=False).update(to_provider=True)
    return saved


@transaction.atomic
def hold_meeting(
    *, meeting: ContractMeeting, version: int, held_on: date, chair: str, present: str, by: Any, today: date
) -> ContractMeeting:
    """It took place: when, led by whom, and who was there. Raises ChangedMeanwhile; ValidationError (by field) for a
    day to come, and where nobody is named."""
    _must_be_planned(meeting)
    wrong = {}
    if held_on > today:
        wrong["held_on"] = "That day has not come: enter the day of the meeting."
    if not chair.strip():
        wrong["chair"] = "Say who led the meeting."
    if not present.strip():
        wrong["present"] = "Say who was there, one to a line."
    if wrong:
        raise ValidationError(wrong)
    with acting_as(current_viewer(), by=by):
        return save_unchanged(
            meeting, version, state="held", held_on=held_on, chair=chair.strip(), present=present.strip()
        )


@transaction.atomic
def minute_items(
    *, meeting: ContractMeeting, minutes: dict[MeetingItem, str], versions: dict[int, int], by: Any
) -> list[MeetingMinutes]:
    """What was said of each. `versions`: item -> the version of its minutes that was read, 0 for none. Raises
    ChangedMeanwhile, with the minutes that somebody else wrote first; ValidationError before the meeting was held, and
    once its minutes are finished."""
    state = _hold(meeting).state
    if state != "held":
        raise ValidationError(
            "Say first that the meeting was held." if state == "planned" else "The minutes are finished."
        )
    known = {row.item_id: row for row in _minutes(meeting).select_related("item")}
    with acting_as(current_viewer(), by=by):
        written = [_minute(item, known.get(item.pk), versions[item.pk], text.strip()) for item, text in minutes.items()]
    return [row for row in written if row is not None]


def _minute(item: MeetingItem, row: MeetingMinutes | None, version: int, words: str) -> MeetingMinutes | None:
    """None where nothing was written and nothing stands."""
    if row is not None:
        if row.words == words:
            return row
        if row.version != version:
            raise ChangedMeanwhile(row)
        return save_unchanged(row, version, words=words)
    if not words:
        return None
    return MeetingMinutes.objects.create(
        authority_id=item.authority_id, provider_id=item.provider_id, item=item, words=words
    )


def _minutes(meeting: ContractMeeting) -> Any:
    return MeetingMinutes.objects.filter(item__meeting=meeting)


def _hold(meeting: ContractMeeting) -> ContractMeeting:
    """As it stands, until this is saved: of two who write and finish minutes at once, one waits."""
    return ContractMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)


@transaction.atomic
def agree_in_meeting(
    *, meeting: ContractMeeting, words: str, owner: str, due_on: date | None, by: Any, today: date
) -> ImprovementAction:
    """An action of the provider's that was agreed at the meeting: it stands on the list of actions at once, and the
    provider reads it as soon as it reads of the meeting. ValidationError (by field)."""
    if meeting.state not in ("held", "minuted"):
        raise ValidationError("Actions are agreed at the meeting: say first that it was held.")
    if wrong := lacking(words, owner, due_on, today):
        raise ValidationError(dict(wrong))
    with acting_as(current_viewer(), by=by):
        return ImprovementAction.objects.create(
            authority_id=meeting.authority_id, provider_id=meeting.provider_id, meeting=meeting, words=words.strip(),
            owner=owner.strip(), due_on=due_on, state="agreed", to_provider=meeting.to_provider,
        )  # fmt: skip


@transaction.atomic
def finish_minutes(
    *, meeting: ContractMeeting, version: int, items: Collection[MeetingItem], by: Any
) -> ContractMeeting:
    """The minutes are written, and go to the provider with these items and every action. Raises ChangedMeanwhile;
    ValidationError while an item has none."""
    if _hold(meeting).state != "held":
        raise ValidationError("Minutes are finished once, after the meeting was held.")
    said = _minutes(meeting).exclude(words="").values("item")
    without = list(_items(meeting).exclude(pk__in=said).values_list("title", flat=True))
    if without:
        raise ValidationError(f"Nothing is minuted yet of: {', '.join(without)}. Write “not reached” where it was not.")
    with acting_as(current_viewer(), by=by):
        return _shared(meeting, version, items, state="minuted")


@transaction.atomic
def cancel_meeting(*, meeting: ContractMeeting, version: int, why: str, by: Any) -> ContractMeeting:
    """Raises ChangedMeanwhile; ValidationError for a meeting that is over, and without a reason."""
    _must_be_planned(meeting)
    if not why.strip():
        raise ValidationError({"why": "Say why the meeting is called off."})
    with acting_as(current_viewer(), by=by, reason=why):
        return save_unchanged(meeting, version, state="cancelled", cancelled_why=why.strip())


def _must_be_planned(meeting: ContractMeeting) -> None:
    if meeting.state != "planned":
        raise ValidationError("This meeting is no longer planned: what was recorded of it stands.")

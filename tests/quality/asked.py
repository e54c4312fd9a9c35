"""What tests of asking young people share: surveys, a home where somebody lives, a link, and answers as a phone sends
them."""

from datetime import date
from typing import Any

from django.test import Client

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.load_statements import load_statements
from contracts.actions.placements import end_placement
from quality.actions.asking import invite
from quality.actions.load_surveys import load_surveys
from quality.models import Survey
from tests.contracts.bought import BY, child_of, spot_placement
from tests.contracts.watching import own
from tests.quality.notified import TODAY, home

SIX_WEEKS_AGO = date(2026, 3, 9)
CANARY = "Marmaduke Quillfeather"
HAPPY = {"q1": "5", "q2": "4", "q3": "3", "q7": "no_say", "helped_by": "alone"}
UNSAFE = {"q1": "1", "q2": "2", "q11": f"{CANARY} shouts at night", "helped_by": "carer"}


def with_surveys() -> None:
    with acting_as(Viewer.of_service("tests"), by=BY):
        load_statements()
        load_surveys()


def lives(authority: Any, provider: Any, *, starts_on: date = SIX_WEEKS_AGO, reference: str = "", **facts: Any) -> Any:
    """A child of thirteen at the provider's Elm House."""
    with_surveys()
    named = facts.pop("establishment", None)
    place = None if named is False or provider is None else named or home(provider)
    with own(authority):
        return spot_placement(
            child_of(authority, reference), starts_on=starts_on, provider=provider, establishment=place, **facts
        )  # fmt: skip


def left(placement: Any, day: date) -> None:
    with own(placement.authority):
        end_placement(
            placement=placement, ends_before=day, end_reason="CREQB", ended_by="provider", ended_as_planned=True,
            destination="another_home", by=BY, today=TODAY,
        )  # fmt: skip


def link_to(placement: Any, *, occasion: str = "six_weeks", today: date = TODAY, code: str = "my-home-12", **how: Any):
    """(the invitation, its address)."""
    with own(placement.authority):
        made, told = invite(
            placement=placement, survey=Survey.objects.in_use().get(code=code), occasion=occasion, due_on=today, by=BY,
            today=today, **how,
        )  # fmt: skip
    return made, f"/my-home/{told}/"


def phone() -> Client:
    """A browser that signs in nowhere and sends no form token."""
    return Client(enforce_csrf_checks=True, REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="Canaryphone/9")

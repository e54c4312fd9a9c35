"""Rows on which the routes of asking young people are tried (tests/permissions.py)."""

from django.utils import timezone

from contracts.models import Placement
from quality.actions.answers import Given, record_answers
from quality.actions.asking import invite
from quality.models import Survey, SurveyInvitation, SurveyResponse
from tests.permissions import Sample
from tests.quality.asked import BY, lives, with_surveys
from tests.quality.samples_visits import _draft
from tests.quality.visiting import own

NO_SIGN_IN = "whoever has the link answers: there is no sign-in, and the link shows nothing but the questions"
_links = {}


def _home(cast):
    """Southwark's child at Alder's home, who moved in six weeks ago; made once."""
    with_surveys()
    with own(cast.authority):
        found = Placement.objects.filter(authority=cast.authority, establishment__name="Elm House").first()
    return {"uuid": (found or lives(cast.authority, cast.provider)).uuid}


def _invited(cast):
    """(the invitation, its code), made anew where the one before is not there any more."""
    home = _home(cast)["uuid"]
    with own(cast.authority):
        link, code = _links.get(home, (None, ""))
        if link is None or not SurveyInvitation.objects.filter(pk=link.pk).exists():
            today = timezone.localdate()
            _links[home] = link, code = invite(
                placement=Placement.objects.select_related("authority").get(uuid=home), occasion="six_weeks",
                survey=Survey.objects.in_use().get(code="my-home-12"), due_on=today, by=BY, today=today,
            )  # fmt: skip
    return link, code


def _link(cast):
    return {"uuid": _invited(cast)[0].uuid}


def _code(cast):
    return {"code": _invited(cast)[1]}


def _unsafe(cast):
    home = _home(cast)["uuid"]
    with own(cast.authority):
        now = timezone.now()
        found = SurveyResponse.objects.first()
        if found is None:
            given = Given(
                survey=Survey.objects.in_use().get(code="my-home-12"), occasion="other", values={1: 1},
                answered_on=timezone.localdate(now), placement=Placement.objects.get(uuid=home),
            )  # fmt: skip
            (found,) = record_answers(authority_id=cast.authority.pk, given=[given], by=BY, now=now)
        return {"uuid": found.uuid}


SAMPLES = {
    "my-home": Sample(_code, why=NO_SIGN_IN),
    "my-home-questions": Sample(_code, why=NO_SIGN_IN),
    **{name: Sample(_home, hidden_from="stranger") for name in ("asking-home", "asking-invite", "asking-enter")},
    **{name: Sample(_link, hidden_from="stranger") for name in ("asking-slip", "asking-withdraw")},
    **{name: Sample(_unsafe, hidden_from="stranger")
       for name in ("asking-response", "not-safe-answer", "not-safe-close")},
    "asking-visit": Sample(_draft, refused_to="stranger"),
}  # fmt: skip

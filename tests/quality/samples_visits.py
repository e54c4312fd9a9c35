"""Rows on which the routes of visits, templates and actions are tried (tests/permissions.py)."""

from quality.models import FindingReply, ImprovementAction, Visit, VisitTemplate
from tests.permissions import Sample
from tests.quality.visiting import again, own, planned, published, recorded, replied, sent, with_plan, with_templates


def _visit_in(cast, state, **facts):
    """Southwark's visit to Alder in that state, made once."""
    with own(cast.authority):
        found = Visit.objects.filter(authority=cast.authority, state=state).first()
    if found:
        return found
    if state == "published":
        return published(cast, **facts)
    made = planned(cast, **facts)
    if state == "planned":
        return made
    recorded(made)
    if state == "with_provider":
        sent(again(made), by=cast.person("quality_officer"))
        replied(again(made), by=cast.person("provider_contact"), disputed=1)
    return made


def _planned(cast):
    return {"uuid": _visit_in(cast, "planned").uuid}


def _draft(cast):
    return {"uuid": _visit_in(cast, "draft").uuid}


def _with_provider(cast):
    return {"uuid": _visit_in(cast, "with_provider").uuid}


def _dispute(cast):
    visit = _visit_in(cast, "with_provider")
    with own(cast.authority):
        return {"uuid": visit.uuid, "reply": FindingReply.objects.get(visit=visit, says="disputed").uuid}


def _published(cast):
    return {"uuid": _visit_in(cast, "published").uuid}


def _others(cast):
    """Lewisham's, which Southwark may rely on and Lewisham itself may not."""
    with own(cast.authority):
        found = Visit.objects.filter(authority=cast.other, state="published").first()
    return {"uuid": (found or published(cast, authority=cast.other)).uuid}


def _action(cast):
    visit = _visit_in(cast, "published")
    with own(cast.authority):
        found = ImprovementAction.objects.filter(visit=visit).first()
    return {"uuid": (found or with_plan(visit, cast)[0]).uuid}


def _template(cast):
    with_templates()
    with own(cast.authority):
        return {"uuid": VisitTemplate.objects.in_use().get(code="home-site").uuid}


SAMPLES = {
    "visit": Sample(_published, hidden_from="rival"),
    "visit-report": Sample(_published, hidden_from="rival"),
    "visit-move": Sample(_planned, refused_to="stranger"),
    "visit-cancel": Sample(_planned, refused_to="stranger"),
    "visit-rate": Sample(_draft, refused_to="stranger"),
    "visit-send": Sample(_draft, refused_to="stranger"),
    "visit-publish": Sample(_with_provider, refused_to="stranger"),
    "visit-dispute": Sample(_dispute, refused_to="stranger"),
    "visit-reply": Sample(_with_provider, hidden_from="rival"),
    "visit-plan": Sample(_published, hidden_from="rival"),
    "visit-rely": Sample(_others, refused_to="stranger"),
    "visit-stop-relying": Sample(_others, refused_to="stranger"),
    "visit-template": Sample(_template, why="what is asked is everybody's to read beforehand"),
    "visit-template-version": Sample(_template, why="templates are the partnership's: any member's quality officer"),
    "visit-template-retire": Sample(_template, why="templates are the partnership's: any member's quality officer"),
    "improvement-action": Sample(_action, hidden_from="rival"),
    "action-agree": Sample(_action, refused_to="stranger"),
    "action-send-back": Sample(_action, refused_to="stranger"),
    "action-verify": Sample(_action, refused_to="stranger"),
    "action-done": Sample(_action, hidden_from="rival"),
    "action-evidence": Sample(_action, refused_to="stranger"),
    "action-change": Sample(_action, hidden_from="rival"),
}

"""How buying stands, for whoever may read it: a line each for searches, homes and spend, and where to see more."""

from datetime import date

from django.urls import reverse

from contracts.measures.spend_parts import summary
from contracts.models import Placement, Referral
from contracts.pages import placements, referral_list, spend_tables
from contracts.pages.spend_asked import begins
from contracts.rules.spans import chosen, usual_year

from .needs import Line


def buying_now(user, today: date) -> list[Line]:
    """Nothing where nothing is recorded yet: the pages themselves say what to do then."""
    if not user.authority_id:
        return []
    lines = []
    if user.may("read", "referrals") and Referral.objects.exists():
        lines.append(Line(referral_list.answer_of(today), "See the searches", reverse("referrals")))
    if user.may("read", "placements") and Placement.objects.exists():
        lines.append(Line(placements.answer_of(today), "See the placements", reverse("placements")))
    if user.may("read", "spend") and (since := begins()) is not None and since <= today:
        year = usual_year(max(today, since))
        whole = summary(chosen(year, None, None, today), Placement.objects.all(), "")
        lines.append(Line(spend_tables.answer(whole, user.body_name, narrowed=False), "See spend", reverse("spend")))
    return lines

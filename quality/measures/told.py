"""Who of an authority is told when a young person says that they are not safe, in words that a child reads."""

from commissioning.partnership.models import Authority, NamedRole, User
from commissioning.partnership.rules.codes import NAMED_ROLES, TOLD_INSTEAD
from commissioning.partnership.rules.roles import ROLES

ROLE = "safeguarding"


def who_is_told(authority: Authority) -> str:
    """ "the safeguarding lead at Southwark council (Jo Bell)": as actions/alerts.recipients finds them."""
    names = list(
        NamedRole.objects.filter(authority=authority, role=ROLE).order_by("pk").values_list("name", flat=True)
    )  # fmt: skip
    if names:
        return f"the {NAMED_ROLES[ROLE].lower()} at {authority.name} council ({', '.join(names)})"
    people = User.objects.filter(authority=authority, is_active=True)
    for role in TOLD_INSTEAD:
        if people.filter(role=role).exists():
            return f"the {ROLES[role].label.lower()} at {authority.name} council"
    return f"the people at {authority.name} council who look after children’s homes"

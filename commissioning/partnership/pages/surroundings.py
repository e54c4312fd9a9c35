"""What every page's header needs: the partnership, who is looking, and where they may go."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ..models import User

# (words, address, the resource whose reading opens it)
PLACES = (
    ("Overview", "/", "overview"),
    ("Frameworks", "/frameworks/", "frameworks"),
    ("Lots", "/lots/", "lots"),
    ("Providers", "/providers/", "providers"),
    ("Inspections", "/inspections/", "inspections"),
    ("Visits", "/visits/", "visits"),
    ("Concerns", "/concerns/", "notifiable-events"),
    ("KPIs", "/kpis/", "kpis"),
    ("Outcomes", "/outcomes/", "outcomes"),
    ("Referrals", "/referrals/", "offers"),
    ("Placements", "/placements/", "placements"),
    ("Spend", "/spend/", "spend"),
    ("Benchmarks", "/benchmarks/", "benchmarks"),
    ("Plan", "/sufficiency/plan/", "plans"),
    ("Files", "/imports/", "imports"),
    ("History", "/audit/", "audit"),
    ("People", "/accounts/people/", "people"),
)


def surroundings(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    admitted = known and not getattr(request, "second_factor_missing", False)
    return {
        "partnership_name": settings.PARTNERSHIP_NAME,
        "demonstration": settings.DEMONSTRATION,
        # Looked up when a page writes it: the request that signs a person in is still nobody's, who sees no name.
        "viewer_name": SimpleLazyObject(lambda: user.body_name) if known else "",
        "navigation": navigation(user, request.path) if admitted else [],
    }


def navigation(user: User, path: str) -> list[dict[str, Any]]:
    """The places this person may read, each with whether the page at `path` lies under it."""
    return [
        {"text": text, "href": href, "active": path == href or (href != "/" and path.startswith(href))}
        for text, href, resource in PLACES
        if user.may("read", resource)
    ]

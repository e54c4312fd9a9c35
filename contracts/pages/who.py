"""Whom a page is about: the authority's own child or placement, found by what somebody typed or by public id."""

import re
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from ..actions.children import find_child
from ..models import Child, Placement

NUMBERED = re.compile(r"(child)?\s*(\d{1,9})", re.IGNORECASE)


def child_called(request: HttpRequest, words: str) -> Child | None:
    """The child with this reference in any scheme, else with this number ("12", "Child 12"); None where neither."""
    words = words.strip()[:200]
    if not words:
        return None
    found = find_child(authority=request.user.authority, reference=words)
    numbered = NUMBERED.fullmatch(words)
    if found is None and numbered:
        found = Child.objects.filter(number=int(numbered[2])).first()
    return found


def says_number(words: str) -> bool:
    """ "Child 12": a number that was given here, and no reference of another system."""
    numbered = NUMBERED.fullmatch(words.strip())
    return bool(numbered and numbered[1])


def own_child(uuid: UUID) -> Child:
    return get_object_or_404(Child.objects.select_related("authority", "sibling_group"), uuid=uuid)


def own_placement(uuid: UUID) -> Placement:
    rows = Placement.objects.select_related(
        "authority", "child", "provider", "establishment", "premises", "pathway_place", "award", "lot__framework",
        "referral", "host_authority",
    )  # fmt: skip
    return get_object_or_404(rows, uuid=uuid)

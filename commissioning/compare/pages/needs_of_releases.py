"""What releases ask of a person: approving is for somebody other than who asked, publishing comes after."""

from django.urls import reverse

from commissioning.kernel import wording

from ..models import Release, ReleaseState
from .needs import Need


def needs_of_releases(user) -> list[Need]:
    """One query for those who approve, publish or build."""
    approves, changes = user.may("approve", "releases"), user.may("change", "releases")
    if not approves and not changes:
        return []
    waiting = Release.objects.filter(state__in=(ReleaseState.BUILT, ReleaseState.APPROVED, ReleaseState.FAILED))
    needs = []
    for release in waiting.order_by("number"):
        tells = f"It tells of the twelve months to {wording.day(release.as_at)}."
        if release.state == ReleaseState.BUILT and approves and release.requested_by_id != user.pk:
            needs.append(_need(release, "waits for approval", f"{tells} Somebody other than who asked approves it."))
        elif release.state == ReleaseState.APPROVED and changes:
            needs.append(_need(release, "is approved and not published", tells))
        elif release.state == ReleaseState.FAILED and release.requested_by_id == user.pk:
            needs.append(_need(release, "was not built", release.message or "Build it again."))
    return needs


def _need(release: Release, what: str, why: str) -> Need:
    return Need(f"{release} {what}", why, "See the release", reverse("release", args=[release.uuid]))

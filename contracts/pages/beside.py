"""What this room adds to a provider's pages: the authority's own placements with it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import EmptyState, Table
from providers.pages.beside import Beside, Tab
from providers.pages.provider import found, frame

from ..filters import PlacementSearch
from ..measures.placement_rows import with_weekly
from ..models import Placement
from .placement_words import terms_of_frameworks
from .placements import NOUN, columns_of, ordered


class OurPlacements(Beside):
    tabs = (Tab("Our placements", "provider-placements", "placements"),)


@allowed("placements")
def provider_placements(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open today, of the viewer's authority alone; the whole list is a link away."""
    provider, today = found(uuid), timezone.localdate()
    search = PlacementSearch({"provider": str(provider.uuid), "now": "open"}, Placement.objects.all(), today=today)
    columns = [column for column in columns_of(terms_of_frameworks()) if column.key != "provider"]
    rows = ordered(with_weekly(search.qs), "-from")
    ever = Placement.objects.filter(provider=provider).count()
    table = Table.for_request(
        request, columns, rows, "Open today", default_sort="-from", noun=NOUN,
        empty=EmptyState(
            "No placement is open", "Homes that your authority buys from this provider stand here while they last.",
            *(("Placements that are over", _all(provider.uuid)) if ever else ()),
        ),
    )  # fmt: skip
    costs = [row.weekly for row in rows if row.weekly is not None]
    answer = ""
    if table.total:
        noun = "placement" if table.total == 1 else "placements"
        whose = request.user.body_name
        answer = f"{whose} has {table.total:,} open {noun} with it, {wording.pounds(sum(costs))} a week together."
    return render(request, "contracts/provider_placements.html", frame(request, provider, "provider-placements") | {
        "table": table, "answer": answer, "all": _all(provider.uuid), "ever": ever,
    })  # fmt: skip


def _all(provider: UUID) -> str:
    return f"{reverse('placements')}?provider={provider}"

"""What this room adds to a provider's pages: the authority's own placements with it."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from commissioning.kernel import wording
from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from providers.models import Suspension
from providers.pages.beside import Beside, Tab
from providers.pages.provider import found, frame

from ..filters import PlacementSearch
from ..measures.overrides import reasons_of
from ..measures.placement_rows import with_weekly
from ..models import Placement
from .placement_words import terms_of_frameworks
from .placements import NOUN, columns_of, ordered


class OurPlacements(Beside):
    tabs = (Tab("Our placements", "provider-placements", "placements"),)

    def of_suspension(self, request: HttpRequest, row: Suspension) -> list[Table]:
        """The authority's own placements that were agreed under it, each with what was bought and why all the same."""
        if not request.user.authority_id or not request.user.may("read", "placements"):
            return []
        return [_made_despite(row)]


def _made_despite(row: Suspension) -> Table:
    covered = Q(establishment=row.establishment_id) if row.establishment_id else Q(award=row.award_id)
    if not row.establishment_id and not row.award_id:
        covered = Q(provider=row.provider_id) | Q(establishment__provider=row.provider_id)
    made = Placement.objects.filter(covered, called_off_on__gte=row.starts_on).exclude(route="in_house")
    for end in (row.expires_on, row.lifted_on):
        made = made.filter(called_off_on__lt=end) if end else made
    rows = list(made.select_related("child", "provider", "establishment").order_by("called_off_on", "number"))
    why = reasons_of(Placement, [each.pk for each in rows])
    columns = [
        Column("placement", "Placement", value=str, link=lambda each: reverse("placement", args=[each.uuid])),
        Column("child", "Child", value=lambda each: str(each.child)),
        Column("agreed", "Agreed on", value=lambda each: each.called_off_on, kind="date"),
        Column("route", "Route", value=lambda each: each.get_route_display()),
        Column("why", "Why all the same", value=lambda each: why.get(each.pk), missing="no reason given"),
    ]
    return Table(
        columns, rows, "Our placements agreed while it stood", per_page=None, noun=NOUN,
        empty=EmptyState("None of ours", "A placement of yours that is agreed while this stands appears here."),
    )  # fmt: skip


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

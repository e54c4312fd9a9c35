"""Peer groups: everybody's are read, one's own are written. Each says whether its figures can be told apart."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from commissioning.kernel.pages.allowed import allowed
from commissioning.kernel.tables import Column, EmptyState, Table
from commissioning.partnership.models import Authority

from ..actions.peer_groups import check_group, is_used, remove_group, save_group
from ..actions.releases import once_seen
from ..forms import PeerGroupForm
from ..measures.benchmark import newest_release
from ..models import PeerGroup, PeerMember
from ..rules.disclosure import thresholds
from ..rules.groups import Standing, smallest_partnership, standing

NATIONAL = "benchmarks-national"  # the route of the page of published national figures, where it is there


@dataclass(frozen=True)
class Group:
    """A group, its members by key and name, and what can be shown of it."""

    row: PeerGroup
    members: Mapping[int, str]
    standing: Standing

    @property
    def listed(self) -> str:
        return ", ".join(self.members.values())


@allowed("peer-groups")
def groups(request: HttpRequest) -> HttpResponse:
    found, own = _groups(), request.user.authority_id
    may_make = request.user.may("create", "peer-groups")
    why = "A group is some of the members, for example those most like your own authority."
    columns = [
        Column("name", "Group", value=lambda g: g.row.name, link=lambda g: reverse("peer-group", args=[g.row.uuid])),
        Column("whose", "Made by", value=lambda g: str(g.row.authority)),
        Column("members", "Who is in it", value=lambda g: g.listed),
        Column("apart", "Can be told apart", value=lambda g: g.standing.told_apart, kind="yesno"),
    ]
    return render(request, "compare/groups.html", {
        "answer": _answer(found, own), "instead": _instead(), "may_make": may_make,
        "table": Table(
            columns, found, "Peer groups", caption_hidden=True, per_page=None, noun=("group", "groups"),
            empty=EmptyState("No groups yet", why, *(("Make a group", reverse("peer-group-new")) if may_make else ())),
        ),
    })  # fmt: skip


def _answer(found: list[Group], own: int) -> str:
    ours = sum(group.row.authority_id == own for group in found)
    said = f"{len(found)} group{'' if len(found) == 1 else 's'}, {ours or 'none'} of them ours."
    if not found:
        return none_can() or "No group has been made yet."
    apart = sum(group.standing.told_apart for group in found) or "none"
    return f"{said} {none_can() or f'The figures of {apart} can be told apart.'}"


def none_can() -> str:
    """Why no group of fewer than all can be told apart, where the partnership is too small for it; else empty."""
    needed, members = smallest_partnership(thresholds(settings.DISCLOSURE)), _members()
    release = newest_release()
    contribute = release.report.get("contributing", len(members)) if release else len(members)
    if contribute >= needed:
        return ""
    who = (
        f"{contribute} of the {len(members)} members contributed to {release}"
        if release and contribute < len(members)
        else f"The partnership has {len(members)} members"
    )
    return (
        f"{who}, and a group can be told apart only where at least {needed // 2} are in it and {needed // 2} outside "
        f"it. So no group of fewer than all can be shown here until at least {needed} contribute: anybody could take "
        "it from the whole and find the few that are left."
    )


def _instead() -> list[tuple[str, str]]:
    """Where to go where no group can be shown."""
    links = [("Compare with the whole partnership", reverse("benchmarks"))]
    with suppress(NoReverseMatch):
        links.append(("Compare with figures published for the whole country", reverse(NATIONAL)))
    return links


@allowed("peer-groups")
def group(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _found(uuid)
    own = found.row.authority_id == request.user.authority_id
    weekly = reverse("benchmarks-measure", args=["weekly_price"])
    return render(request, "compare/group.html", {
        "group": found, "rows": [
            ("Made by", str(found.row.authority)), ("Who is in it", found.listed),
            ("What can be shown", found.standing.why),
        ],
        "none_can": none_can(), "instead": _instead(), "figures": f"{weekly}?group={found.row.uuid}",
        "may_change": own and request.user.may("change", "peer-groups"), "used": is_used(found.row),
        "history": reverse("audit-record", args=["compare_peergroup", found.row.uuid])
        if own and request.user.may("read", "audit") else "",
    })  # fmt: skip


@allowed("peer-groups", "create")
def group_new(request: HttpRequest) -> HttpResponse:
    authority = request.user.authority
    alike = neighbours(authority.pk)
    initial = {}
    if "neighbours" in request.GET and alike:
        initial = {"name": f"Statistical neighbours of {authority}", "members": [str(uuid) for uuid in alike]}
    return _form(request, None, initial, "Make a peer group", alike=alike)


@allowed("peer-groups", "change")
def group_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _own(request, uuid)
    there = Authority.objects.filter(pk__in=found.members).values_list("uuid", flat=True)
    initial = {"name": found.row.name, "members": [str(each) for each in there]}
    return _form(request, found.row, initial, f"Change {found.row}")


@allowed("peer-groups", "change")
def group_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    found = _own(request, uuid)
    if request.method == "POST":
        try:
            remove_group(group=found.row, by=request.user)
        except ValidationError as refused:
            for words in refused.messages:
                messages.error(request, words)
            return redirect("peer-group", found.row.uuid)
        messages.success(request, f"{found.row.name} is removed.")
        return redirect("peer-groups")
    return render(request, "compare/group_remove.html", {"group": found, "used": is_used(found.row)})


def _form(
    request: HttpRequest, row: PeerGroup | None, initial: dict[str, Any], heading: str, alike: Collection[UUID] = ()
) -> HttpResponse:
    """Asked, then shown what can be shown of it, then saved."""
    members = _members()
    form = PeerGroupForm(
        None if "again" in request.POST else request.POST or None,
        initial={"name": request.POST["name"], "members": request.POST.getlist("members")}
        if "again" in request.POST else initial,
        authorities=[(str(each.uuid), each.name) for each in members],
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        chosen = [each for each in members if str(each.uuid) in form.cleaned_data["members"]]
        name = form.cleaned_data["name"]
        authority = request.user.authority
        try:
            if "confirm" not in request.POST:
                check_group(authority=authority, name=name, members=chosen, group=row)
                return _confirm(request, row, name, chosen)
            saved = save_group(authority=authority, name=name, members=chosen, by=request.user, group=row)
        except ValidationError as refused:
            form.add_problems(refused)
        else:
            messages.success(request, f"{saved.name} is saved.")
            return redirect("peer-group", saved.uuid)
    return render(request, "compare/group_form.html", {
        "form": form, "heading": heading, "none_can": none_can(), "instead": _instead(),
        "alike": [each.name for each in members if each.uuid in alike] if not form.is_bound else [],
        "used": row is not None and is_used(row), "new": row is None,
    })  # fmt: skip


def _confirm(request: HttpRequest, row: PeerGroup | None, name: str, chosen: list[Authority]) -> HttpResponse:
    return render(request, "compare/group_confirm.html", {
        "heading": name, "said": _standing_of({each.pk for each in chosen}, row), "chosen": chosen, "name": name,
        "none_can": none_can(), "instead": _instead(),
        "leave": reverse("peer-group", args=[row.uuid]) if row else reverse("peer-groups"),
    })  # fmt: skip


# Reading


def _members() -> list[Authority]:
    return list(Authority.objects.members_on(timezone.localdate()).order_by("name"))


def _groups() -> list[Group]:
    """In the order of their names; which of them are told apart, in the order they were made. Four queries."""
    rows = list(PeerGroup.objects.select_related("authority").order_by("pk"))
    of_group: dict[int, dict[int, str]] = {row.pk: {} for row in rows}
    for group_id, member, name in PeerMember.objects.order_by("member__name").values_list(
        "group_id", "member_id", "member__name"
    ):
        of_group.setdefault(group_id, {})[member] = name
    everyone, rules, before = {each.pk for each in _members()}, thresholds(settings.DISCLOSURE), _before()
    earlier: dict[int, Collection[int]] = {}
    found = []
    for row in rows:
        members = of_group[row.pk]
        found.append(Group(row, members, standing(members, earlier, everyone, rules, before)))
        earlier[row.pk] = set(members)
    return sorted(found, key=lambda group: (group.row.name.casefold(), group.row.pk))


def _standing_of(chosen: Collection[int], row: PeerGroup | None) -> Standing:
    earlier = {each.row.pk: set(each.members) for each in _groups() if row is None or each.row.pk < row.pk}
    everyone = {each.pk for each in _members()}
    return standing(chosen, dict(sorted(earlier.items())), everyone, thresholds(settings.DISCLOSURE), _before())


def _before() -> list[list[int]]:
    """The groups that releases told apart, as they were: figures of the next could be taken from theirs."""
    told = (group for each in once_seen(timezone.localdate()) for group in each.report.get("told_apart", {}).values())
    return [list(group) for group in dict.fromkeys(map(tuple, told))]


def _found(uuid: UUID) -> Group:
    found = next((group for group in _groups() if group.row.uuid == uuid), None)
    if found is None:
        raise Http404
    return found


def _own(request: HttpRequest, uuid: UUID) -> Group:
    """Another authority's group is to be read, and not to be changed."""
    get_object_or_404(PeerGroup, uuid=uuid, authority_id=request.user.authority_id)
    return _found(uuid)


def neighbours(authority_id: int) -> list[UUID]:
    """Public ids of the members that DfE holds most like an authority, and its own; empty where no list is loaded."""
    try:
        model = apps.get_model("compare", "StatisticalNeighbour")
    except LookupError:  # national figures are not installed
        return []
    alike = list(model.objects.filter(authority_id=authority_id).values_list("neighbour_id", flat=True))
    if not alike:
        return []
    today = timezone.localdate()
    found = Authority.objects.members_on(today).filter(pk__in=[*alike, authority_id])
    uuids = list(found.order_by("name").values_list("uuid", flat=True))
    return uuids if len(uuids) > 1 else []

"""Peer groups: made, changed and removed by the authority whose they are."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from commissioning.partnership.models import Authority

from ..models import PeerGroup, PeerMember, PublishedFigure

FEWEST = 2


def check_group(
    *, authority: Authority, name: str, members: Collection[Authority], group: PeerGroup | None = None
) -> str:
    """The name as it would be saved. ValidationError, by field, for a name that is taken, for too few members, and
    for new members of a group that a release has figures of."""
    name = " ".join(name.split())
    problems = {}
    if not name:
        problems["name"] = "Enter the group’s name"
    elif PeerGroup.objects.filter(authority=authority, name=name).exclude(pk=group.pk if group else None).exists():
        problems["name"] = f"There is a group called {name} already"
    wanted = {member.pk for member in members}
    if len(wanted) < FEWEST:
        problems["members"] = f"Choose at least {FEWEST} authorities"
    elif group is not None and is_used(group) and wanted != set(group.members.values_list("member_id", flat=True)):
        problems["members"] = "A release has figures of this group as it is. Make a new group instead"
    if problems:
        raise ValidationError(problems)
    return name


@transaction.atomic
def save_group(
    *, authority: Authority, name: str, members: Collection[Authority], by: Any, group: PeerGroup | None = None
) -> PeerGroup:
    """A new group, or `group` with this name and these members. ValidationError as of `check_group`."""
    name = check_group(authority=authority, name=name, members=members, group=group)
    wanted = {member.pk for member in members}
    there = set(group.members.values_list("member_id", flat=True)) if group else set()
    if group is None:
        group = PeerGroup.objects.create(authority=authority, name=name)
    elif group.name != name:
        group.name = name
        group.save(update_fields=["name"])
    group.members.exclude(member_id__in=wanted).delete()
    PeerMember.objects.bulk_create(
        PeerMember(group=group, authority=authority, member_id=member) for member in sorted(wanted - there)
    )
    return group


@transaction.atomic
def remove_group(*, group: PeerGroup, by: Any) -> None:
    """ValidationError where a release has figures of it: they keep its name."""
    refused = ValidationError(f"A release has figures of {group}, so it stays: they keep its name.")
    if is_used(group):
        raise refused
    try:
        with transaction.atomic():
            PeerGroup.objects.get(pk=group.pk).delete()  # a copy: refused, the group keeps its key
            connection.check_constraints()  # now, not when the request is over
    except IntegrityError:  # figures that this authority may not see
        raise refused from None


def is_used(group: PeerGroup) -> bool:
    return PublishedFigure.objects.filter(group=group).exists()

"""Children and their references: added, found, joined and split by a recorded action."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.tenancy.viewer import acting_as, current_viewer
from commissioning.partnership.models import Authority

from ..models import CareStatus, Child, ChildReference, Placement, Referral, SiblingGroup
from ..rules import codes, references
from .numbers import next_number
from .presence import tell_presence


@transaction.atomic
def add_child(
    *,
    authority: Authority,
    by: Any,
    today: date,
    born_on: date | None = None,
    case_reference: str = "",
    **facts: Any,
) -> Child:
    """A new child with its case reference. ValidationError for a birth after today, or a reference in use."""
    if born_on is not None and born_on > today:
        raise ValidationError({"born_on": "The date of birth is in the future: check the year."})
    child = Child.objects.create(authority=authority, number=next_number(Child, authority.pk), born_on=born_on, **facts)
    if case_reference.strip():
        add_reference(child=child, scheme="case", reference=case_reference, by=by)
    return child


def add_reference(*, child: Child, scheme: str, reference: str, by: Any) -> ChildReference:
    """Another system's reference of the child. ValidationError where it is another child's already."""
    digest, sealed = digest_and_seal(child.authority, scheme, reference)
    held = ChildReference.objects.filter(authority=child.authority_id, scheme=scheme, digest=digest).first()
    if held is not None and held.child_id != child.pk:
        raise ValidationError(
            {"case_reference": f"That reference is of {held.child}. If they are the same child, join the two."}
        )
    return held or ChildReference.objects.create(
        authority=child.authority, child=child, scheme=scheme, digest=digest, sealed=sealed
    )


def find_child(*, authority: Authority, reference: str, scheme: str = "") -> Child | None:
    """The child with this reference in the scheme, or in any of them; None where there is none, or more than one."""
    schemes = [scheme] if scheme else list(codes.REFERENCE_SCHEMES)
    try:
        digests = [references.digest(settings.REFERENCE_KEY, str(authority.uuid), each, reference) for each in schemes]
    except ValueError:
        return None
    found = ChildReference.objects.filter(authority=authority, digest__in=digests).values_list("child", flat=True)
    children = list(Child.objects.filter(pk__in=found)[:2])
    return children[0] if len(children) == 1 else None


def digest_and_seal(authority: Authority, scheme: str, reference: str) -> tuple[str, str]:
    """(digest, sealed). ValidationError for an empty or very long reference."""
    whose = str(authority.uuid)
    try:
        digest = references.digest(settings.REFERENCE_KEY, whose, scheme, reference)
    except ValueError as problem:
        raise ValidationError({"case_reference": f"Check the reference: {problem}."}) from None
    return digest, references.seal(settings.REFERENCE_KEY, whose, scheme, reference)


def opened(reference: ChildReference, authority: Authority) -> str:
    """The reference as it was written: for the authority's own pages about one child, and its own returns."""
    return references.unseal(settings.REFERENCE_KEY, str(authority.uuid), reference.scheme, reference.sealed)


@transaction.atomic
def join_children(*, kept: Child, other: Child, reason: str, by: Any, today: date) -> Child:
    """Two records of one child become one: everything of `other` is the kept child's, and `other` is removed.

    ValidationError without a reason, or where both lived in different homes on one day.
    """
    if kept.pk == other.pk:
        raise ValidationError("Choose another child: a record cannot be joined with itself.")
    _need(reason)
    # As they are now, and nobody else's to change until this is done; always in the same order.
    both = {each.pk: each for each in Child.objects.select_for_update(of=("self",)).filter(
        pk__in=(kept.pk, other.pk)).order_by("pk")}  # fmt: skip
    if len(both) < 2:
        raise ValidationError("One of the two was joined with another child meanwhile: look for it again.")
    kept, other = both[kept.pk], both[other.pk]
    for theirs in Placement.objects.filter(child=other, respite=False):
        clash = Placement.objects.filter(child=kept, respite=False).overlapping(theirs.starts_on, theirs.ends_before)
        if clash.exists():
            raise ValidationError(
                f"{theirs} and {clash.first()} are on the same days: one child lives in one home. Correct one of them."
            )
    with acting_as(current_viewer(), by=by, reason=reason):
        for model in (ChildReference, Placement, Referral):
            model.objects.filter(child=other).update(child=kept)
        for status in CareStatus.objects.filter(child=other):
            same_days = CareStatus.objects.filter(child=kept).overlapping(status.starts_on, status.ends_before)
            if same_days.exists():
                status.delete()  # the kept child's own record of those days stands
            else:
                CareStatus.objects.filter(pk=status.pk).update(child=kept)
        for name in ("born_on", "sex", "ethnicity", "disabilities", "ehcp", "unaccompanied", "sibling_group_id"):
            if getattr(kept, name) in (None, "", []):
                setattr(kept, name, getattr(other, name))
        if kept.age_recorded is None:
            kept.age_recorded, kept.age_recorded_on = other.age_recorded, other.age_recorded_on
        kept.save()
        other.delete()
        tell_presence(authority_id=kept.authority_id, today=today)
    return kept


@transaction.atomic
def split_child(
    *, child: Child, references_moved: list[ChildReference], placements_moved: list[Placement], reason: str, by: Any,
    today: date,
) -> Child:  # fmt: skip
    """One record of two children becomes two: the named references and placements go to a new child.

    ValidationError without a reason, where nothing is named, or where everything is.
    """
    _need(reason)
    if not references_moved:
        raise ValidationError("Choose the references that are of the other child.")
    if len(references_moved) == ChildReference.objects.filter(child=child).count():
        raise ValidationError("Leave at least one reference with this child.")
    with acting_as(current_viewer(), by=by, reason=reason):
        other = Child.objects.create(authority=child.authority, number=next_number(Child, child.authority_id))
        ids = [each.pk for each in references_moved]
        ChildReference.objects.filter(child=child, pk__in=ids).update(child=other)
        moved = Placement.objects.filter(child=child, pk__in=[each.pk for each in placements_moved])
        Referral.objects.filter(child=child, placements__in=moved).update(child=other)
        moved.update(child=other)
        tell_presence(authority_id=child.authority_id, today=today)
    return other


@transaction.atomic
def group_siblings(*, children: list[Child], by: Any) -> SiblingGroup:
    """These children are brothers and sisters: the first group that one of them has, or a new one."""
    if len(children) < 2:
        raise ValidationError("Choose at least two children.")
    authority = children[0].authority
    group = next((child.sibling_group for child in children if child.sibling_group_id), None)
    group = group or SiblingGroup.objects.create(authority=authority, number=next_number(SiblingGroup, authority.pk))
    Child.objects.filter(pk__in=[child.pk for child in children]).update(sibling_group=group)
    return group


def _need(reason: str) -> None:
    if not reason.strip():
        raise ValidationError("Say why: it stays on the record.")

"""Making a key for an authority's own system. The key is returned once and kept only as a digest."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction

from ..models import ApiKey, Authority, User
from ..rules.networks import read_networks
from ..rules.roles import may

LONGEST_DAYS = 365
KEY_ROLE = "analyst"  # what a key may read at most
ADMINISTRATOR = "authority_administrator"  # whose keys are their systems' and not their own

# What the API serves; the permission table has pages besides.
SCOPES = (
    "authorities", "frameworks", "lots", "price-lines", "providers", "establishments", "premises", "awards", "rates",
    "referrals", "placements", "agreements", "cost-lines", "funding-splits", "spend", "inspections", "visits",
    "actions", "suspensions", "notifiable-events", "imports", "releases", "benchmarks",
    "kpis", "kpi-returns", "outcomes", "ocds", "data-quality",
)  # fmt: skip
assert all(may(KEY_ROLE, "read", scope) for scope in SCOPES)

# What a key may change, and by which grants of the person who makes it: it acts for that person and nobody else. "*"
# is everything to read, so none of these is in it.
WRITE_SCOPES = {
    "releases:write": (("create", "releases"), ("approve", "releases"), ("change", "releases")),
    "referrals:write": (("import", "referrals"), ("change", "referrals")),
    "placements:write": (("import", "placements"), ("change", "placements")),
    "cost-lines:write": (("import", "placements"), ("change", "placements")),
    "outcomes:write": (("import", "surveys"),),
}


@transaction.atomic
def make_key(
    *, authority: Authority, name: str, scopes: Sequence[str] = ("*",), networks: str = "", days: int = LONGEST_DAYS,
    at: datetime, by: User | None,
) -> tuple[ApiKey, str]:  # fmt: skip
    """A key that reads `scopes` ("*" for all) of what `authority` may see, for `days` days from `at`, from `networks`
    alone (rules/networks.py; empty: from anywhere), and takes the steps of those WRITE_SCOPES that are named, for the
    person `by`.

    Returns the row and the key itself, `prefix.secret` with 256 random bits. `by` is None for a command.
    ValidationError, with a sentence for the person, where a name, scope, network or number of days will not do.
    """
    name = " ".join(name.split())
    if not name:
        raise ValidationError("Say what the key is for, so that you know later which one to revoke.")
    unknown = sorted(set(scopes) - {"*", *SCOPES, *WRITE_SCOPES})
    if unknown:
        offered = ", ".join((*SCOPES, *WRITE_SCOPES))
        raise ValidationError(f"A key cannot read {', '.join(unknown)}. Choose from: {offered}.")
    writes = sorted(set(scopes) & set(WRITE_SCOPES))
    for scope in writes:
        if by is None or by.authority_id != authority.pk or not any(by.may(*grant) for grant in WRITE_SCOPES[scope]):
            raise ValidationError(
                f"A key with {scope} acts for the person who makes it: somebody of {authority} whose role may do so."
            )
    if not scopes:
        raise ValidationError("Choose what the key may read.")
    if not 1 <= days <= LONGEST_DAYS:
        raise ValidationError(f"A key lasts between 1 and {LONGEST_DAYS} days.")
    try:
        taken_from = read_networks(networks)
    except ValueError as problem:
        raise ValidationError({"networks": str(problem)}) from None
    prefix = secrets.token_hex(6)
    presented = f"{prefix}.{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        authority=authority,
        name=name,
        prefix=prefix,
        digest=digest(presented),
        scopes=" ".join(["*", *writes] if "*" in scopes else sorted(set(scopes))),
        networks=" ".join(map(str, taken_from)),
        made_by=by,
        own=by is not None and by.role != ADMINISTRATOR,
        expires_at=at + timedelta(days=days),
    )
    return key, presented


def digest(presented: str) -> str:
    """What is kept of a key. It has 256 random bits, so a fast digest is enough."""
    return sha256(presented.encode()).hexdigest()

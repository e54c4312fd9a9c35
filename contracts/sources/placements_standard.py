"""Records of the Placements Data Standard, brought into the common form: homes of the day that the file describes.

The standard has no first day of a home. One that is not recorded yet begins on the day of its data entry, or on the day
of the file where that is earlier or the record has none; the row says so.
"""

from datetime import date

from django.conf import settings

from commissioning.kernel.ingest.reading import UnreadableFile
from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import Authority
from providers.sources.matching import match_providers

from ..models import Child
from ..rules.layouts_standard import PLACEMENT_TYPES, STANDARD
from ..rules.references import number_of
from .placements_census import known_homes, provider_columns, refuse_older
from .placements_held import keep_prices, put_aside
from .placements_layouts import day_of, find_hosts, metadata, read_words
from .placements_match import find_children, temporary
from .placements_rows import bring, judge

TABLE = "standard"


def check_standard(staging: Staging) -> None:
    as_at = day_of(staging, "placements standard")
    _whose(staging)
    staging.said[TABLE] = (STANDARD, as_at)
    put_aside(staging, TABLE, STANDARD, as_at)
    staging.reject(
        TABLE, "s.ok AND s.identifier !~ '^(0|[1-9][0-9]{0,15})$'",
        "'“' || left(s.identifier, 40) || '” is not a whole number: the standard knows a child by one'",
        column="identifier",
    )  # fmt: skip
    provider_columns(staging, TABLE, "establishment_urn", "", "")
    read_words(staging, TABLE, STANDARD, {"provision": lambda word: ";".join(PLACEMENT_TYPES[word])})
    match_providers(staging, TABLE, column="establishment_urn")
    staging.note(
        TABLE, "s.ok AND s.urn <> '' AND s.provider_id IS NULL",
        "'no registration has this URN here: the placement stands without its provider'", column="establishment_urn",
    )  # fmt: skip
    staging.note(
        TABLE, "s.ok AND coalesce(s.provision, '') = ''",
        "'no type of placement is given: a home that is not recorded yet is recorded as other'", column="provision",
    )  # fmt: skip
    _children(staging)
    find_hosts(staging, TABLE, as_at)
    told = {"as_at": as_at, "mine": staging.authority_id}
    known_homes(
        staging, TABLE, "identifier",
        "p.starts_on <= %(as_at)s AND (p.ends_before IS NULL OR p.ends_before > %(as_at)s)"
        " AND (s.urn = '' OR e.id IS NULL OR p.establishment_id IS NULL OR p.establishment_id = e.id)",
        told, respite=_SHORT,
    )  # fmt: skip
    _bring(staging, told)
    keep_prices(staging)
    refuse_older(staging, TABLE, "file of the standard", as_at)
    staging.note(
        TABLE, "s.ok AND k.placement_id IS NULL",
        "'the standard has no first day of a home: it begins on the day of data entry, or of this file'",
        column="placement_entered", joins="LEFT JOIN known_homes k ON (k.sheet, k.row) = (s.sheet, s.row)",
    )  # fmt: skip
    staging.note(
        TABLE, f"s.ok AND k.placement_id IS NULL AND {_SHORT}",
        "'the child has another home in this file: this one is taken as a short stay'",
        column="identifier", joins="LEFT JOIN known_homes k ON (k.sheet, k.row) = (s.sheet, s.row)",
    )  # fmt: skip
    judge(
        staging, TABLE,
        {"born_on": "identifier", "starts_on": "placement_entered", "ends_before": "identifier", "weekly": "weekly"},
    )  # fmt: skip


# The second record of a child in one file: all homes are of one day, so that one of them is a short stay.
_SHORT = (
    f"EXISTS (SELECT FROM staged_{TABLE} o WHERE o.identifier = s.identifier AND (o.sheet, o.row) < (s.sheet, s.row))"
)


def _whose(staging: Staging) -> None:
    """A file holds the children of the authority that sends it, and of no other."""
    told = metadata(staging).get("authority")
    mine = Authority.objects.get(pk=staging.authority_id)
    if told and told != mine.name:
        raise UnreadableFile(
            f"The file says that it is of {str(told)[:60]}, and it is loaded for {mine.name}. Send each authority’s "
            "children by that authority."
        )


def _children(staging: Staging) -> None:
    """A number that came in with a file of the standard, or one that this installation gave the child."""
    find_children(staging, TABLE, "identifier", "standard")
    whose = str(Authority.objects.get(pk=staging.authority_id).uuid)
    children = Child.objects.filter(authority=staging.authority_id).values_list("pk", "uuid")
    temporary(
        staging, "own_numbers", {"reference": "text", "child_id": "bigint"},
        ((str(number_of(settings.REFERENCE_KEY, whose, str(uuid))), pk) for pk, uuid in children),
    )  # fmt: skip
    staging.execute(
        "UPDATE refs r SET child_id = n.child_id FROM own_numbers n WHERE n.reference = r.reference"
        " AND r.child_id IS NULL"
    )


def _bring(staging: Staging, told: dict[str, date | int | None]) -> None:
    start = "coalesce(k.starts_on, least(s.placement_entered, %(as_at)s::date), %(as_at)s::date)"
    # Whole pounds: where they are what the recorded prices come to, those stand.
    recorded = (
        "(SELECT round(sum(l.weekly_amount)) FROM contracts_costline l WHERE l.placement_id = k.placement_id"
        " AND l.starts_on <= %(as_at)s AND (l.ends_before IS NULL OR l.ends_before > %(as_at)s))"
    )
    bring(staging, TABLE, {
        "who": "r.digest", "scheme": "'standard'", "sealed": "r.sealed", "child_id": "r.child_id",
        "placement_id": "k.placement_id",
        "service_type": "CASE WHEN p.service_type = ANY (string_to_array(v.means, ';')) THEN p.service_type"
        " ELSE coalesce(nullif(split_part(v.means, ';', 1), ''), p.service_type, 'other') END",
        "provider_id": "s.provider_id", "provider_name": "''", "establishment_id": "e.id", "starts_on": start,
        "respite": f"coalesce(p.respite, {_SHORT})", "called_off_on": start, "in_house": "false", "route": "'spot'",
        "spot_reason": "''",
        "registration": "coalesce(p.registration, CASE WHEN e.id IS NOT NULL THEN 'registered' END, 'unknown')",
        "host_authority_id": "h.authority_id",
        "host_area": "CASE WHEN h.authority_id IS NULL THEN coalesce(s.host, '') ELSE '' END",
        "boundary": "CASE WHEN h.authority_id = %(mine)s THEN 'in' WHEN h.authority_id IS NOT NULL THEN 'out'"
        " ELSE '' END",
        "weekly": f"CASE WHEN round(s.weekly) IS DISTINCT FROM {recorded} THEN s.weekly END",
        "line_from": f"CASE WHEN k.placement_id IS NULL OR k.told_on >= %(as_at)s THEN {start}"
        " ELSE %(as_at)s::date END",
    }, """JOIN refs r ON r.reference = s.identifier
        LEFT JOIN known_homes k ON (k.sheet, k.row) = (s.sheet, s.row)
        LEFT JOIN contracts_placement p ON p.id = k.placement_id
        LEFT JOIN word_provision v ON v.sent = s.provision
        LEFT JOIN providers_establishment e ON e.urn = s.urn LEFT JOIN hosts h ON h.sent = s.host""",
        told,
    )  # fmt: skip

"""What the rows of a placements file mean: which child, which award, which places, looked up set-wise."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import Authority, AuthorityCode, Framework
from providers.models import Premises

from ..rules import codes, references
from ..rules.distance import boundary, country_of, miles
from ..rules.routes import ROUTE_OF_KIND
from .postcodes import fold, places_of

ROUTE_SQL = "CASE f.kind " + " ".join(f"WHEN '{kind}' THEN '{route}'" for kind, route in ROUTE_OF_KIND.items()) + " END"
DAY = "FMDD FMMonth YYYY"


def temporary(staging: Staging, name: str, columns: dict[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
    """A temporary table of these columns (name -> SQL type), filled from memory."""
    told = list(rows)
    staging.execute(f"DROP TABLE IF EXISTS {name}")
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    staging.execute(
        f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS SELECT * FROM unnest({arrays}) AS t ({', '.join(columns)})",
        [[row[place] for row in told] for place in range(len(columns))],
    )
    staging.execute(f"ANALYZE {name}")


def find_children(staging: Staging, table: str, column: str, scheme: str, *, same_day: bool = False) -> None:
    """Temporary table `refs`: each reference as written, its digest and seal, and the child known by it.

    `same_day`: a child that goes out under another system's reference, having none in the scheme, is known by it where
    a home of it began on the very day that the row says (contracts/measures/returns.SCHEMES).
    """
    whose = str(Authority.objects.get(pk=staging.authority_id).uuid)
    key = settings.REFERENCE_KEY
    found = [text for (text,) in staging.rows(f"SELECT DISTINCT {column} FROM staged_{table} WHERE ok")]
    temporary(
        staging, "known_references", {"reference": "text", "digest": "text", "sealed": "text"},
        (
            (text, references.digest(key, whose, scheme, text), references.seal(key, whose, scheme, text))
            for text in found
        ),
    )  # fmt: skip
    staging.execute("DROP TABLE IF EXISTS refs")
    staging.execute(
        """CREATE TEMPORARY TABLE refs ON COMMIT DROP AS
           SELECT k.reference, k.digest, k.sealed, r.child_id FROM known_references k
           LEFT JOIN contracts_childreference r
             ON r.digest = k.digest AND r.scheme = %s AND r.authority_id = %s""",
        (scheme, staging.authority_id),
    )
    if same_day:
        _known_by_another(staging, table, column, scheme, whose)
    staging.execute("ANALYZE refs")


def _known_by_another(staging: Staging, table: str, column: str, scheme: str, whose: str) -> None:
    others = [each for each in codes.REFERENCE_SCHEMES if each != scheme]
    unknown = [text for (text,) in staging.rows("SELECT reference FROM refs WHERE child_id IS NULL")]
    temporary(
        staging, "other_references", {"reference": "text", "scheme": "text", "digest": "text"},
        ((text, each, references.digest(settings.REFERENCE_KEY, whose, each, text))
         for text in unknown for each in others),
    )  # fmt: skip
    staging.execute(
        f"""UPDATE refs r SET child_id = f.child_id FROM (
                SELECT o.reference, min(c.child_id) AS child_id FROM other_references o
                JOIN contracts_childreference c ON c.authority_id = %(mine)s
                    AND (c.scheme, c.digest) = (o.scheme, o.digest)
                JOIN staged_{table} s ON s.{column} = o.reference AND s.ok
                JOIN contracts_placement p ON p.child_id = c.child_id AND p.starts_on = s.starts_on
                WHERE NOT EXISTS (SELECT FROM contracts_childreference x
                    WHERE x.child_id = c.child_id AND x.scheme = %(scheme)s)
                GROUP BY o.reference HAVING count(DISTINCT c.child_id) = 1) f
            WHERE f.reference = r.reference""",
        {"mine": staging.authority_id, "scheme": scheme},
    )


def find_awards(staging: Staging) -> None:
    """Temporary tables: `awards`, `lots` with frameworks' facts, `taking_part`, `fits` (which lot serves what)."""
    ends = {each.pk: each.runs_until for each in Framework.objects.prefetch_related("extensions")}
    temporary(staging, "framework_ends", {"framework_id": "bigint", "ends_before": "date"}, ends.items())
    staging.execute("DROP TABLE IF EXISTS awards")
    staging.execute(
        """CREATE TEMPORARY TABLE awards ON COMMIT DROP AS
           SELECT w.id AS award_id, w.provider_id, w.starts_on AS award_starts, w.ends_before AS award_ends,
                  l.id AS lot_id, lower(l.number) AS lot, l.service_type AS lot_service, f.id AS framework_id,
                  lower(f.reference) AS framework, f.kind, f.starts_on AS framework_starts,
                  e.ends_before AS framework_ends
           FROM partnership_framework f JOIN framework_ends e ON e.framework_id = f.id
           JOIN partnership_lot l ON l.framework_id = f.id LEFT JOIN providers_award w ON w.lot_id = l.id"""
    )
    staging.execute("DROP TABLE IF EXISTS lots")
    staging.execute(
        """CREATE TEMPORARY TABLE lots ON COMMIT DROP AS
           SELECT DISTINCT lot_id, lot, lot_service, framework_id, framework, kind, framework_starts, framework_ends
           FROM awards"""
    )
    staging.execute("DROP TABLE IF EXISTS taking_part")
    staging.execute(
        """CREATE TEMPORARY TABLE taking_part ON COMMIT DROP AS
           SELECT framework_id, starts_on, ends_before FROM partnership_participation WHERE authority_id = %s""",
        (staging.authority_id,),
    )
    temporary(
        staging, "fits", {"lot_service": "text", "service_type": "text"},
        ((lot, service) for lot, served in codes.BOUGHT_FROM_LOT.items() for service in served),
    )  # fmt: skip
    for name in ("awards", "lots", "taking_part"):
        staging.execute(f"ANALYZE {name}")


# The facts of rules/routes.py for an award `f` on a day, as SQL. Periods are half-open.
def running(day: str) -> str:
    return f"(f.framework_starts <= {day} AND (f.framework_ends IS NULL OR f.framework_ends > {day}))"


def placed(day: str, of: str = "f") -> str:
    return f"({of}.award_starts <= {day} AND ({of}.award_ends IS NULL OR {of}.award_ends > {day}))"


def takes_part(day: str) -> str:
    return (
        f"EXISTS (SELECT FROM taking_part t WHERE t.framework_id = f.framework_id AND t.starts_on <= {day}"
        f" AND (t.ends_before IS NULL OR t.ends_before > {day}))"
    )


def serves(service: str) -> str:
    return f"(f.lot_service, {service}) IN (SELECT lot_service, service_type FROM fits)"


def find_places(staging: Staging, table: str) -> None:
    """Temporary table `apart` (home_postcode, postcode -> miles, boundary, host): nothing of a postcode is kept."""
    pairs = staging.rows(f"SELECT DISTINCT home_postcode, postcode FROM staged_{table} WHERE ok AND postcode <> ''")
    places = places_of({code for pair in pairs for code in pair if code})
    own = set(AuthorityCode.objects.filter(authority=staging.authority_id).values_list("ons_code", flat=True))
    authorities = dict(AuthorityCode.objects.values_list("ons_code", "authority_id"))
    told = []
    for home, there in pairs:
        at, start = places.get(fold(there)), places.get(fold(home or ""))
        if at is None:
            told.append((home, there, None, "", "", None, False))
            continue
        apart = None
        if start is not None and None not in (start.easting, start.northing, at.easting, at.northing):
            apart = miles(start.easting, start.northing, at.easting, at.northing)
        code = at.authority_code
        told.append((home, there, apart, boundary(own, code), country_of(code), authorities.get(code), True))
    temporary(
        staging, "apart",
        {
            "home_postcode": "text", "postcode": "text", "miles": "numeric", "boundary": "text", "host_area": "text",
            "host_authority_id": "bigint", "known": "boolean",
        },
        told,
    )  # fmt: skip
    staging.note(
        table, "s.ok AND NOT a.known", "'this postcode is not in the directory: the distance is not known'",
        joins=f"JOIN apart a ON {APART}", column="postcode",
    )  # fmt: skip


def find_premises(staging: Staging) -> None:
    """Temporary table `addresses` (urn, words -> premises, or that several are called so): by the name that people
    recorded, or by the words that pages show where nobody has."""
    pairs = staging.rows(
        "SELECT DISTINCT urn, premises FROM staged_placements WHERE ok AND urn <> '' AND premises <> ''"
    )
    called: dict[tuple[str, str], list[int]] = {}
    for each in Premises.objects.filter(establishment__urn__in={urn for urn, _ in pairs}).select_related(
        "establishment"
    ):
        called.setdefault((each.establishment.urn, _folded(each.shown_name)), []).append(each.pk)
    told = []
    for urn, words in pairs:
        found = called.get((urn, _folded(words)), [])
        told.append((urn, words, found[0] if len(found) == 1 else None, len(found) > 1))
    temporary(
        staging, "addresses", {"urn": "text", "words": "text", "premises_id": "bigint", "several": "boolean"}, told
    )


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()


APART = "a.postcode = s.postcode AND a.home_postcode IS NOT DISTINCT FROM s.home_postcode"

"""The placements census and the LIIA layout, row by row of their lists, brought into the common form."""

from datetime import date, timedelta

from commissioning.kernel.ingest.staging import Staging
from commissioning.kernel.periods import financial_year
from commissioning.partnership.models import Authority, AuthorityName
from commissioning.partnership.rules.names import fold_authority
from providers.sources.matching import match_providers

from ..rules import layouts_census as census
from ..rules import layouts_liia as liia
from ..rules.layouts import Layout, fold, recognised, spellings
from ..rules.layouts_hosts import HOSTS, WELSH
from .placements_held import keep_prices, put_aside
from .placements_layouts import day_of, find_hosts, find_supporting_awards, read_words
from .placements_match import APART, DAY, find_awards, find_children, find_places, temporary
from .placements_rows import ROW, bring, judge

_COMPANY = "CASE WHEN {0} ~ '^[0-9]{{3,7}}$' THEN lpad({0}, 8, '0') ELSE upper({0}) END"
_PROVIDER_SAME = (
    "(p.provider_id = s.provider_id OR p.establishment_id = e.id"
    " OR (p.provider_id IS NULL AND s.provider_id IS NULL AND lower(p.provider_name) = lower(s.provider)))"
)
_SHORT = "coalesce(split_part(v.means, '|', 3) = 'true', false)"  # a short stay while another home goes on
# What is recorded of a home that the row speaks of. A return has one word for several facts: the fact stands.
_RECORDED = "LEFT JOIN contracts_placement p ON p.id = k.placement_id"
_LESS_THAN_REGISTERED = "('applied', 'unregistered', 'unregulated')"


def _flag(value: object) -> str:
    return "" if value is None else str(value).lower()


def check_census(staging: Staging) -> None:
    as_at = day_of(staging, "census")
    layout = recognised(census.CENSUSES, staging.columns_of("census"))
    staging.said["census"] = (layout, as_at)
    put_aside(staging, "census", layout, as_at)
    provider_columns(staging, "census", "establishment_urn", "organisation", "company_number")
    read_words(staging, "census", layout, {
        "looked_after": lambda word: census.CARE_STATUS[word],
        "gender": lambda word: census.SEX[word],
        "sourced": lambda word: ";".join(census.SOURCED[word]),
        "provision": lambda word: "|".join(map(_flag, census.PROVISION[word])),
        "uasc": lambda word: _flag(census.UASC[word]),
        "ethnicity": lambda word: census.ETHNICITY[word],
        "registration": lambda word: census.REGISTRATION[word],
        "distance": lambda word: (census.DISTANCE | census.DISTANCE_2022).get(word, ""),
        "solo": lambda word: _flag(census.SOLO[word]),
    })  # fmt: skip
    for key in {"host", "ethnicity", "registration", "distance", "solo"}:
        if layout.column(key) is None:
            temporary(staging, f"word_{key}", {"sent": "text", "word": "text", "means": "text"}, [])
    _whose(staging, as_at)
    match_providers(staging, "census", column="organisation")
    staging.note(
        "census", "s.ok AND s.provider_id IS NULL",
        "'no provider is recorded by this name or number: the name is kept as it is written'", column="organisation",
    )  # fmt: skip
    staging.reject(
        "census",
        "s.ok AND s.weekly <> coalesce(s.social_care, 0) + coalesce(s.education, 0) + coalesce(s.health, 0)",
        "'the contributions come to £' || (coalesce(s.social_care, 0) + coalesce(s.education, 0)"
        " + coalesce(s.health, 0)) || ' and the weekly cost is £' || s.weekly || ': they must be equal'",
        column="weekly",
    )
    staging.reject(
        "census", "s.ok AND s.starts_on > %(as_at)s",
        "'the placement starts after the day of this census: check the date'", column="starts_on", as_at=as_at,
    )  # fmt: skip
    find_children(staging, "census", "identifier", "census", same_day=layout.column("starts_on") is not None)
    known = spellings(HOSTS)
    find_hosts(staging, "census", as_at, word_of=lambda text: known.get(fold(text), text))
    _bring_census(staging, layout, as_at)
    keep_prices(staging)
    refuse_older(staging, "census", "census", as_at)
    staging.note(
        "census", "s.ok AND p.ends_before <= %(as_at)s",
        "'placement ' || p.number || ' is recorded as ended by then, and stays so: correct the one that is wrong'",
        column="identifier", joins=f"{ROW} JOIN contracts_placement p ON p.id = b.placement_id", as_at=as_at,
    )  # fmt: skip
    judge(
        staging, "census", {"born_on": "age", "starts_on": "starts_on", "ends_before": "starts_on", "weekly": "weekly"}
    )


def provider_columns(staging: Staging, table: str, urn: str, name: str, number: str) -> None:
    """The columns that matching looks at."""
    given = _COMPANY.format(number) if number else "''"
    name = name or "''"
    staging.execute(
        f"ALTER TABLE staged_{table} ADD COLUMN urn text, ADD COLUMN provider text, ADD COLUMN registered text"
    )
    staging.execute(
        f"UPDATE staged_{table} SET urn = upper(coalesce({urn}, '')), provider = coalesce({name}, ''),"
        f" registered = coalesce({given}, '')"
    )
    if number:
        staging.execute(f"ALTER TABLE staged_{table} RENAME COLUMN {number} TO number_sent")
    staging.execute(f"ALTER TABLE staged_{table} RENAME COLUMN registered TO company_number")


def _whose(staging: Staging, as_at: date) -> None:
    """A file holds the children of the authority that sends it, and of no other."""
    names = AuthorityName.objects.known_on(as_at)
    mine = Authority.objects.get(pk=staging.authority_id)
    sent = [text for (text,) in staging.rows("SELECT DISTINCT placed_by FROM staged_census WHERE ok") if text]
    temporary(
        staging, "others", {"sent": "text"},
        ((text,) for text in sent if names.get(fold_authority(text)) != mine.pk),
    )  # fmt: skip
    staging.reject(
        "census", "s.ok",
        "'“' || s.placed_by || '” is not ' || %(mine)s || ', for which this file is loaded: send each authority’s "
        "children by that authority'",
        joins="JOIN others o ON o.sent = s.placed_by", column="placed_by", mine=mine.name,
    )  # fmt: skip


def _bring_census(staging: Staging, layout: Layout, as_at: date) -> None:
    dated = layout.column("starts_on") is not None
    told = {"as_at": as_at, "mine": staging.authority_id, "welsh": list(WELSH)}
    same_day = "p.starts_on = s.starts_on" if dated else (
        "p.starts_on <= %(as_at)s AND (p.ends_before IS NULL OR p.ends_before > %(as_at)s)"
    )  # fmt: skip
    word = "LEFT JOIN word_provision v ON v.sent = s.provision"
    known_homes(staging, "census", "identifier", f"{same_day} AND {_PROVIDER_SAME}", told, joins=word, respite=_SHORT)
    find_awards(staging)
    start = "coalesce(s.starts_on, k.starts_on, %(as_at)s)".replace("%(as_at)s", f"DATE '{as_at}'")
    joins = f"LEFT JOIN known_homes k ON (k.sheet, k.row) = (s.sheet, s.row) {word}"
    service = "split_part(v.means, '|', 1)"
    find_supporting_awards(staging, "census", start, service, joins)
    house = "coalesce(split_part(v.means, '|', 2) = 'true', false)"
    bring(staging, "census", {
        "who": "r.digest", "scheme": "'census'", "sealed": "r.sealed", "child_id": "r.child_id",
        "placement_id": "k.placement_id", "age": "s.age",
        "age_on": "CASE WHEN s.age IS NOT NULL THEN %(as_at)s::date END",
        "sex": "wg.means", "ethnicity": "we.means", "unaccompanied": "nullif(wu.means, '')::boolean",
        "care_status": "wl.means", "care_from": start, "service_type": f"coalesce({service}, p.service_type, 'other')",
        "provider_id": "s.provider_id",
        "provider_name": "CASE WHEN s.provider_id IS NULL THEN s.provider ELSE '' END", "establishment_id": "e.id",
        "starts_on": start,
        # Only foster care has a word for a short stay in every list.
        "respite": f"{_SHORT} OR coalesce(p.respite AND p.service_type <> 'fostering', false)",
        "solo": "nullif(wz.means, '')::boolean",
        "called_off_on": start, "in_house": house,
        "route": f"CASE WHEN {house} THEN 'in_house' ELSE coalesce(c.route, 'spot') END",
        "award_id": f"CASE WHEN NOT {house} THEN c.award_id END",
        "lot_id": f"CASE WHEN NOT {house} THEN c.lot_id END", "spot_reason": "''",
        "registration": f"CASE WHEN wr.means = 'unregistered' AND p.registration IN {_LESS_THAN_REGISTERED}"
        " THEN p.registration ELSE coalesce(wr.means, p.registration, 'unknown') END", "distance_reason": "wd.means",
        "host_authority_id": "h.authority_id",
        "host_area": "CASE WHEN wh.word = ANY (%(welsh)s) THEN 'WAL' WHEN h.authority_id IS NULL"
        " THEN coalesce(wh.word, '') ELSE '' END",
        "boundary": "CASE WHEN coalesce(s.host, '') = '' THEN '' WHEN h.authority_id = %(mine)s THEN 'in'"
        " ELSE 'out' END",
        "weekly": "s.weekly", "line_from": "CASE WHEN k.placement_id IS NULL OR k.told_on >= %(as_at)s THEN "
        f"{start} ELSE %(as_at)s::date END",
        "social_care": "s.social_care", "education": "s.education", "health": "s.health",
    }, f"""JOIN refs r ON r.reference = s.identifier {joins} {_RECORDED}
        LEFT JOIN claimed c ON (c.sheet, c.row) = (s.sheet, s.row)
        LEFT JOIN providers_establishment e ON e.urn = s.urn LEFT JOIN hosts h ON h.sent = s.host
        LEFT JOIN word_gender wg ON wg.sent = s.gender LEFT JOIN word_ethnicity we ON we.sent = s.ethnicity
        LEFT JOIN word_uasc wu ON wu.sent = s.uasc LEFT JOIN word_looked_after wl ON wl.sent = s.looked_after
        LEFT JOIN word_registration wr ON wr.sent = s.registration LEFT JOIN word_distance wd ON wd.sent = s.distance
        LEFT JOIN word_solo wz ON wz.sent = s.solo LEFT JOIN word_host wh ON wh.sent = s.host""",
        told,
    )  # fmt: skip


def known_homes(
    staging: Staging, table: str, column: str, same: str, told: dict[str, object], *, joins: str = "",
    respite: str = "false",
) -> None:  # fmt: skip
    """Temporary table `known_homes`: the placement that a row speaks of, the day a file last told of it, and the
    `newest` day of a file of this family.

    Two rows never speak of one placement: a short stay may be with the provider of the home that goes on, from the
    same day. The row that is as short as the placement has it, then the one that it came from; the other is new.
    """
    staging.execute("DROP TABLE IF EXISTS known_homes")
    staging.execute(
        f"""CREATE TEMPORARY TABLE known_homes ON COMMIT DROP AS
            SELECT DISTINCT ON (placement_id) * FROM (
                SELECT DISTINCT ON (s.sheet, s.row) s.sheet, s.row, p.id AS placement_id, p.starts_on,
                    (SELECT max((value->>'as_at')::date) FROM jsonb_each(p.sent)) AS told_on,
                    (SELECT max((value->>'as_at')::date) FROM jsonb_each(p.sent) WHERE key LIKE '{table}%%') AS newest,
                    p.respite = ({respite}) AS alike, p.source_row = s.row AS came_from
                FROM staged_{table} s JOIN refs r ON r.reference = s.{column} {joins}
                LEFT JOIN providers_establishment e ON e.urn = s.urn
                JOIN contracts_placement p ON p.child_id = r.child_id AND {same}
                WHERE s.ok AND p.id NOT IN (SELECT placement_id FROM held)
                ORDER BY s.sheet, s.row, alike DESC, p.starts_on DESC, came_from DESC NULLS LAST, p.id) k
            ORDER BY placement_id, alike DESC, came_from DESC NULLS LAST, sheet, row""",
        told,
    )
    staging.execute("ANALYZE known_homes")


def refuse_older(staging: Staging, table: str, what: str, as_at: date) -> None:
    """What is newer stands: written over by an older file, the price and the words of the newer one would be lost."""
    staging.reject(
        table, "s.ok AND k.newest > %(as_at)s",
        f"'a later {what}, of ' || to_char(k.newest, '{DAY}') || ', told of this home already, and what is newer "
        "stands. Load them in their order; to load this one after all, take the later one back first'",
        column="identifier", joins="JOIN known_homes k ON (k.sheet, k.row) = (s.sheet, s.row)", as_at=as_at,
    )  # fmt: skip


def check_liia(staging: Staging) -> None:
    as_at = day_of(staging, "placement costs")
    staging.said["liia"] = (liia.LIIA, as_at)
    put_aside(staging, "liia", liia.LIIA, as_at)
    provider_columns(staging, "liia", "establishment_urn", "", "")
    read_words(staging, "liia", liia.LIIA, {
        "gender": lambda word: liia.SEX[word],
        "sourced": lambda word: ";".join(liia.PLATFORMS[word]),
        "provision": lambda word: "|".join((*liia.PLACEMENT_TYPES[word], ";".join(liia.services_of(word)))),
        "provider_type": lambda word: _flag(word in liia.OWN_PROVISION),
        "ehcp": lambda word: _flag(word == "Yes"), "uasc": lambda word: _flag(word == "Yes"),
    })  # fmt: skip
    match_providers(staging, "liia", column="establishment_urn")
    staging.note(
        "liia", "s.ok AND s.urn <> '' AND s.provider_id IS NULL",
        "'no registration has this URN here: the placement stands without its provider'", column="establishment_urn",
    )  # fmt: skip
    staging.reject(
        "liia", "s.ok AND s.starts_on > %(as_at)s",
        "'the placement starts after the day of this return: check the date'", column="starts_on", as_at=as_at,
    )  # fmt: skip
    first = financial_year(as_at).starts_on
    until = as_at + timedelta(days=1)
    told = {"as_at": as_at, "mine": staging.authority_id, "first": first, "until": until}
    staging.reject(
        "liia", "s.ok AND s.ends_before <= %(first)s AND s.total > 0",
        "'the child left before this financial year, so that nothing can have accrued in it: check the end'",
        column="ends_before", first=first,
    )  # fmt: skip
    find_children(staging, "liia", "identifier", "ssda903", same_day=True)
    find_hosts(staging, "liia", as_at)
    find_places(staging, "liia")
    known_homes(
        staging, "liia", "identifier",
        "p.starts_on = s.starts_on AND (s.urn = '' OR e.id IS NULL OR p.establishment_id IS NULL"
        " OR p.establishment_id = e.id)", told,
    )  # fmt: skip
    find_awards(staging)
    joins = "LEFT JOIN word_provision v ON v.sent = s.provision"
    service = "split_part(v.means, '|', 1)"
    find_supporting_awards(staging, "liia", "s.starts_on", service, joins)
    _bring_liia(staging, joins, service, told)
    keep_prices(staging)
    refuse_older(staging, "liia", "return", as_at)
    judge(
        staging, "liia",
        {"born_on": "born_on", "starts_on": "starts_on", "ends_before": "ends_before", "weekly": "total"},
    )  # fmt: skip
    staging.reject(
        "liia", "s.ok AND s.social_care + coalesce(s.health, 0) + coalesce(s.education, 0) > s.total",
        "'the contributions come to more than the total: correct the parts, or the whole'", column="total", joins=ROW,
    )  # fmt: skip


# The layout has no word for a short stay: a row within the days of another row of the child's is one.
_WITHIN = (
    "EXISTS (SELECT FROM staged_liia o WHERE o.identifier = s.identifier AND o.starts_on < s.starts_on"
    " AND s.ends_before IS NOT NULL AND (o.ends_before IS NULL OR o.ends_before >= s.ends_before))"
)


def _bring_liia(staging: Staging, joins: str, service: str, told: dict[str, object]) -> None:
    # As money.weekly_from_total has it: total / days x 7, to four places, halves up.
    days = "(least(coalesce(s.ends_before, %(until)s), %(until)s) - greatest(s.starts_on, %(first)s))"

    def a_week(amount: str) -> str:
        return f"CASE WHEN {days} > 0 THEN round({amount} * 7 / {days}, 4) END"

    house = "coalesce(wp.means = 'true', false)"
    others = "coalesce(s.health, 0) - coalesce(s.education, 0)"
    rest = f"CASE WHEN s.social_care IS NOT NULL THEN s.total - s.social_care - {others} END"
    bring(staging, "liia", {
        "who": "r.digest", "scheme": "'ssda903'", "sealed": "r.sealed", "child_id": "r.child_id",
        "placement_id": "k.placement_id", "born_on": "s.born_on", "sex": "wg.means", "ethnicity": "we.means",
        "disabilities": "wd.means", "ehcp": "nullif(wc.means, '')::boolean",
        "unaccompanied": "nullif(wu.means, '')::boolean",
        "care_status": "'looked_after'", "legal_status": "wl.means", "care_from": "coalesce(s.care_from, s.starts_on)",
        "service_type": "CASE WHEN p.service_type = ANY (string_to_array(split_part(v.means, '|', 3), ';'))"
        f" THEN p.service_type ELSE coalesce({service}, p.service_type, 'other') END",
        "provider_id": "s.provider_id", "provider_name": "''", "establishment_id": "e.id",
        "starts_on": "s.starts_on", "ends_before": "s.ends_before", "respite": f"coalesce(p.respite, {_WITHIN})",
        "called_off_on": "s.starts_on",
        "in_house": house, "route": f"CASE WHEN {house} THEN 'in_house' ELSE coalesce(c.route, 'spot') END",
        "award_id": f"CASE WHEN NOT {house} THEN c.award_id END", "lot_id": f"CASE WHEN NOT {house} THEN c.lot_id END",
        "spot_reason": "''", "registration": "coalesce(nullif(split_part(v.means, '|', 2), ''),"
        " nullif(p.registration, 'unknown'), CASE WHEN e.id IS NOT NULL THEN 'registered' END, 'unknown')",
        "miles": "a.miles", "boundary": "coalesce(nullif(a.boundary, ''), CASE WHEN h.authority_id = %(mine)s THEN 'in'"
        " WHEN h.authority_id IS NOT NULL THEN 'out' ELSE '' END)", "host_area": "coalesce(a.host_area, '')",
        "host_authority_id": "coalesce(a.host_authority_id, h.authority_id)", "end_reason": "wq.means",
        "weekly": a_week("s.total"), "line_from": "greatest(s.starts_on, %(first)s)",
        "social_care": a_week("s.social_care"), "health": a_week("s.health"), "education": a_week("s.education"),
        "other": f"nullif({a_week(rest)}, 0)",
    }, f"""JOIN refs r ON r.reference = s.identifier {joins}
        LEFT JOIN known_homes k ON (k.sheet, k.row) = (s.sheet, s.row) {_RECORDED}
        LEFT JOIN claimed c ON (c.sheet, c.row) = (s.sheet, s.row)
        LEFT JOIN apart a ON {APART} LEFT JOIN providers_establishment e ON e.urn = s.urn
        LEFT JOIN hosts h ON h.sent = s.host LEFT JOIN word_gender wg ON wg.sent = s.gender
        LEFT JOIN word_ethnicity we ON we.sent = s.ethnicity LEFT JOIN word_disability wd ON wd.sent = s.disability
        LEFT JOIN word_ehcp wc ON wc.sent = s.ehcp LEFT JOIN word_uasc wu ON wu.sent = s.uasc
        LEFT JOIN word_legal_status wl ON wl.sent = s.legal_status
        LEFT JOIN word_provider_type wp ON wp.sent = s.provider_type
        LEFT JOIN word_end_reason wq ON wq.sent = s.end_reason""",
        told,
    )  # fmt: skip

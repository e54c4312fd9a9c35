"""Which provider a staged row means: by URN, company number, recorded name or confirmed alias, set-wise."""

from urllib.parse import urlencode

from django.urls import reverse

from commissioning.kernel.ingest.source import NextStep
from commissioning.kernel.ingest.staging import Staging

from ..rules.matching import nearest_names
from ..rules.names import fold

UNKNOWN = "no provider is recorded as"
CONTRADICTION = "'the URN, company number and name are not of one provider: "


def match_providers(staging: Staging, table: str, *, unmatched: str = "", column: str = "Provider") -> None:
    """Adds `provider_id` to the staged table, from its columns provider, urn and company_number.

    URN before company number before name; two of them that name different providers are a contradiction. Rows where
    the condition `unmatched` holds and nobody is found are rejected with the nearest names; without it nothing is
    rejected: a contradiction is noted, and the first that is known counts.
    """
    staged = f"staged_{table}"
    staging.execute(f"ALTER TABLE {staged} ADD COLUMN provider_id bigint")
    names = [name for (name,) in staging.rows(f"SELECT DISTINCT provider FROM {staged} WHERE ok AND provider <> ''")]
    staging.execute("DROP TABLE IF EXISTS names")
    staging.execute(
        "CREATE TEMPORARY TABLE names ON COMMIT DROP AS "
        "SELECT * FROM unnest(%s::text[], %s::text[]) AS n (name, folded)",
        (names, [fold(name) for name in names]),
    )
    staging.execute("DROP TABLE IF EXISTS matched")
    staging.execute(
        f"""CREATE TEMPORARY TABLE matched ON COMMIT DROP AS
           SELECT s.sheet, s.row, e.provider_id AS by_urn, c.id AS by_number, coalesce(p.id, a.provider_id) AS by_name
           FROM {staged} s
           LEFT JOIN providers_establishment e ON e.urn = s.urn
           LEFT JOIN providers_provider c ON c.company_number = s.company_number AND s.company_number <> ''
           LEFT JOIN names n ON n.name = s.provider
           LEFT JOIN providers_provider p ON p.folded_name = n.folded
           LEFT JOIN providers_alias a ON a.folded_name = n.folded
           WHERE s.ok"""
    )
    join = "JOIN matched m ON (m.sheet, m.row) = (s.sheet, s.row)"
    contradicts = "s.ok AND (m.by_urn <> m.by_number OR m.by_urn <> m.by_name OR m.by_number <> m.by_name)"
    if unmatched:
        staging.reject(table, contradicts, f"{CONTRADICTION}correct the one that is wrong'", column=column, joins=join)
        _reject_unknown(staging, table, unmatched, join, column)
    else:
        staging.note(
            table, contradicts, f"{CONTRADICTION}the first of them that is known was taken'", column=column, joins=join
        )
    staging.execute(
        f"UPDATE {staged} s SET provider_id = coalesce(m.by_urn, m.by_number, m.by_name) FROM matched m "
        "WHERE (m.sheet, m.row) = (s.sheet, s.row)"
    )


def _reject_unknown(staging: Staging, table: str, unmatched: str, join: str, column: str) -> None:
    unknown = staging.rows(
        f"""SELECT s.sheet, s.row, s.provider FROM staged_{table} s {join}
            WHERE s.ok AND coalesce(m.by_urn, m.by_number, m.by_name) IS NULL AND {unmatched}"""
    )
    if not unknown:
        return
    recorded = [name for (name,) in staging.rows("SELECT name FROM providers_provider ORDER BY name")]
    says = {name: _who_is(name, recorded) for name in {name for _, _, name in unknown}}
    staging.execute("DROP TABLE IF EXISTS unknown")
    staging.execute(
        "CREATE TEMPORARY TABLE unknown ON COMMIT DROP AS "
        "SELECT * FROM unnest(%s::text[], %s::int[], %s::text[]) AS u (sheet, row, says)",
        (
            [sheet for sheet, _, _ in unknown],
            [row for _, row, _ in unknown],
            [says[name] for _, _, name in unknown],
        ),
    )
    staging.reject(
        table, "true", "u.says", column=column, joins="JOIN unknown u ON (u.sheet, u.row) = (s.sheet, s.row)"
    )


def _who_is(name: str, recorded: list[str]) -> str:
    if not name:
        return "say which provider: its name, its URN or its company number"
    near = nearest_names(name, recorded)
    if not near:
        return (
            f"{UNKNOWN} “{name}”: add its URN or company number, "
            "or confirm it as another name and send the row again afterwards"
        )
    return (
        f"{UNKNOWN} “{name}”; nearest: {', '.join(near)}. Add the URN, "
        "or confirm it as another name and send the row again afterwards"
    )


def next_step_for_unknown(sent: object) -> NextStep:
    """Where a person says that the name is another one's."""
    href = f"{reverse('alias-confirm')}?{urlencode({'name': sent})}"
    return NextStep("Say whose other name this is", href, ("providers", "change"))

"""Source `rates`: filled rate cards, one provider's or many providers' rows, for frameworks that the sender leads.

A new rate closes the open one before it. Providers are matched by URN, company number, their recorded name or a
confirmed alias; anything else is rejected with the nearest names for a person to confirm.
"""

from commissioning.kernel.ingest.cells import as_company_number, as_money, as_text, as_urn
from commissioning.kernel.ingest.parsed import Parsed
from commissioning.kernel.ingest.source import DATE, Field, Source, Table, register
from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import AuthorityCode, AuthorityName, Framework
from commissioning.partnership.rules.names import fold_authority

from ..models import Rate
from ..rules.card import EVERY_PARTICIPANT
from . import rate_words
from .matching import UNKNOWN, match_providers, next_step_for_unknown
from .rate_periods import WRITES, note_leaps, settle_periods


def _text(cell: object) -> Parsed:
    parsed = as_text(cell)
    return Parsed(parsed.value or "", parsed.note)


def _folded(cell: object) -> Parsed:
    value = as_text(cell).value
    return Parsed(value.casefold() if value else "")


CARD = Table(
    "rates",
    "rates for price lines",
    (
        Field("framework", "Framework", ("Framework reference",), read=_folded, needed=True, filled=True),
        Field("lot", "Lot", ("Lot number",), read=_folded, needed=True, filled=True),
        Field("line", "Price line", ("Price line code", "Line"), read=_folded, needed=True, filled=True),
        Field("provider", "Provider", ("Provider name", "Organisation"), read=_text, needed=True),
        Field("urn", "URN", ("Provider URN", "Ofsted URN"), read=as_urn),
        Field("company_number", "Company number", ("Registered company number",), read=as_company_number),
        Field("authority", "Authority", ("Local authority", "For authority"), read=_text),
        Field(
            "amount", "Rate", ("Rate (£)", "Amount", "Price"), read=lambda cell: as_money(cell, places=4),
            column="numeric(12, 4)", needed=True,
        ),
        Field(
            "starts_on", "From", ("Rate from", "Start date", "Effective from"), read=DATE, column="date", needed=True
        ),
        Field("last_day", "Last day", ("To", "Rate until", "End date"), read=DATE, column="date"),
    ),
)  # fmt: skip


@register
class Rates(Source):
    name = "rates"
    label = "Providers' rate cards"
    says = (
        "The rate card of a lot that your authority leads, filled in, one row for each price line: download it there."
    )
    may = ("rates", "import")
    tables = (CARD,)

    def writes(self):
        return [Rate]

    def check(self, staging: Staging) -> None:
        # A card comes back with most of its lines empty: notes on them would hide the rates that need a look.
        staging.correct(
            "rates", "s.amount IS NULL AND s.ok", "'no rate is given: nothing was loaded for this row'", column="Rate"
        )
        staging.reject(
            "rates", "s.amount IS NOT NULL AND s.starts_on IS NULL AND s.ok",
            "'say from which day the rate applies'", column="From",
        )  # fmt: skip
        staging.reject(
            "rates",
            "s.last_day < s.starts_on",
            "'the last day is before the first: check both dates'",
            column="Last day",
        )
        _match_lines(staging)
        _refuse_after_the_end(staging)
        match_providers(staging, "rates", unmatched="s.amount IS NOT NULL")
        _match_authorities(staging)
        _match_awards(staging)
        settle_periods(staging)
        note_leaps(staging)

    def load(self, staging: Staging) -> None:
        for write in WRITES:
            staging.execute(write, {"run": staging.run_id})

    def title_of(self, model, row):
        return rate_words.title_of(row)

    def detail_of(self, model, before, after):
        return rate_words.detail_of(before, after)

    def next_step(self, says, sent):
        return next_step_for_unknown(sent) if sent and says.startswith(UNKNOWN) else None


def _match_lines(staging: Staging) -> None:
    """Framework, lot and line by their codes; a framework that another authority leads is refused without its name."""
    staging.execute("DROP TABLE IF EXISTS lines")
    staging.execute(
        """CREATE TEMPORARY TABLE lines ON COMMIT DROP AS
           SELECT lower(f.reference) AS framework, lower(l.number) AS lot, lower(p.code) AS line,
                  f.id AS framework_id, l.id AS lot_id, p.id AS line_id, p.unit, f.lead_authority_id, f.starts_on
           FROM partnership_framework f
           LEFT JOIN partnership_lot l ON l.framework_id = f.id
           LEFT JOIN partnership_priceline p ON p.lot_id = l.id"""
    )
    staging.reject(
        "rates",
        "s.ok AND NOT EXISTS (SELECT FROM lines k WHERE k.framework = s.framework)",
        "'no framework has the reference ' || upper(s.framework) || ': use the reference printed on the rate card'",
        column="Framework",
    )
    staging.reject(
        "rates",
        "s.ok AND EXISTS (SELECT FROM lines k WHERE k.framework = s.framework AND k.lead_authority_id <> %(mine)s)",
        "'this framework is led by another authority, and only its lead loads its rates: send the card to them'",
        column="Framework",
        mine=staging.authority_id or 0,
    )
    staging.reject(
        "rates",
        "s.ok AND NOT EXISTS (SELECT FROM lines k WHERE (k.framework, k.lot) = (s.framework, s.lot))",
        "'the framework has no lot ' || s.lot",
        column="Lot",
    )
    staging.reject(
        "rates",
        "s.ok AND NOT EXISTS (SELECT FROM lines k WHERE (k.framework, k.lot, k.line) = (s.framework, s.lot, s.line))",
        "'lot ' || s.lot || ' has no price line ' || upper(s.line) || ': do not change the codes of the card'",
        column="Price line",
    )
    staging.reject(
        "rates",
        "s.ok AND s.amount > 100 AND EXISTS (SELECT FROM lines k WHERE (k.framework, k.lot, k.line) = "
        "(s.framework, s.lot, s.line) AND k.unit = 'per_cent')",
        "'this line is priced in per cent: ' || s.amount || ' is more than 100'",
        column="Rate",
    )


def _refuse_after_the_end(staging: Staging) -> None:
    """Nothing is bought under a framework that has ended, its extensions taken, so no rate begins there."""
    ends = [(each.pk, each.runs_until) for each in Framework.objects.prefetch_related("extensions")]
    staging.execute("DROP TABLE IF EXISTS framework_ends")
    staging.execute(
        "CREATE TEMPORARY TABLE framework_ends ON COMMIT DROP AS "
        "SELECT * FROM unnest(%s::bigint[], %s::date[]) AS e (framework_id, ends_before)",
        ([pk for pk, _ in ends], [end for _, end in ends]),
    )
    staging.reject(
        "rates",
        "s.ok AND s.starts_on >= e.ends_before",
        "'the framework’s last day is ' || to_char(e.ends_before - 1, 'FMDD FMMonth YYYY') "
        "|| ': record the extension first, or correct the date'",
        joins="JOIN (SELECT DISTINCT framework, framework_id FROM lines) k ON k.framework = s.framework "
        "JOIN framework_ends e ON e.framework_id = k.framework_id",
        column="From",
    )


def _match_authorities(staging: Staging) -> None:
    staging.execute("ALTER TABLE staged_rates ADD COLUMN authority_id bigint")
    texts = [
        text for (text,) in staging.rows("SELECT DISTINCT authority FROM staged_rates WHERE ok AND authority <> ''")
    ]
    codes = dict(AuthorityCode.objects.values_list("ons_code", "authority_id"))
    names = AuthorityName.objects.known_on(staging.today)
    every = EVERY_PARTICIPANT.casefold()
    wanted = [text for text in texts if text.casefold() != every]
    found = [codes.get(text.upper()) or names.get(fold_authority(text)) for text in wanted]
    staging.execute("DROP TABLE IF EXISTS whose")
    staging.execute(
        "CREATE TEMPORARY TABLE whose ON COMMIT DROP AS SELECT * FROM unnest(%s::text[], %s::bigint[]) AS w (text, id)",
        (wanted, found),
    )
    joins = "JOIN whose w ON w.text = s.authority"
    staging.reject(
        "rates",
        "s.ok AND NOT EXISTS (SELECT FROM partnership_participation p JOIN lines k ON k.framework_id = p.framework_id "
        "WHERE k.framework = s.framework AND p.authority_id = w.id AND p.starts_on <= s.starts_on "
        "AND (p.ends_before IS NULL OR p.ends_before > s.starts_on))",
        "'“' || s.authority || '” does not take part in this framework on that day: "
        "leave the cell empty for every participant'",
        joins=joins,
        column="Authority",
    )
    staging.execute("UPDATE staged_rates s SET authority_id = w.id FROM whose w WHERE w.text = s.authority")


def _match_awards(staging: Staging) -> None:
    staging.execute("DROP TABLE IF EXISTS priced")
    staging.execute(
        """CREATE TEMPORARY TABLE priced ON COMMIT DROP AS
           SELECT s.sheet, s.row, k.framework_id, k.lot_id, k.line_id, s.provider_id, s.authority_id, s.amount,
                  s.starts_on, s.last_day + 1 AS given_end, NULL::date AS ends_before, w.id AS award_id,
                  w.ends_before AS award_ends
           FROM staged_rates s
           JOIN lines k ON (k.framework, k.lot, k.line) = (s.framework, s.lot, s.line)
           LEFT JOIN providers_award w ON w.lot_id = k.lot_id AND w.provider_id = s.provider_id
                AND w.starts_on <= s.starts_on AND (w.ends_before IS NULL OR w.ends_before > s.starts_on)
           WHERE s.ok AND s.amount IS NOT NULL"""
    )
    staging.reject(
        "rates",
        "p.award_id IS NULL",
        "s.provider || ' has no place on lot ' || s.lot || ' on ' || to_char(s.starts_on, 'FMDD FMMonth YYYY') "
        "|| ': award the place first, or correct the date'",
        joins="JOIN priced p ON (p.sheet, p.row) = (s.sheet, s.row)",
        column="Provider",
    )

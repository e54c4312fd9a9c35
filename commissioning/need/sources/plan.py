"""Source `plan`: the actions of a sufficiency strategy, with their milestones and the statements that they serve.

One row is one action, in the words of the plan: the same words in the same area are the same action, which keeps its
number, its state and its progress. A later file says anew who leads it, what it is measured by and which statements it
serves; milestones that are not in it go, but for those that were met.
"""

import re
from typing import Any

from commissioning.kernel.ingest.cells import as_text
from commissioning.kernel.ingest.parsed import CellError, Parsed
from commissioning.kernel.ingest.source import Field, Source, Table, register
from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import Authority, Statement, StatementSet

from ..models import Milestone, PlannedAction

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip
MONTH = re.compile(r"(\d{4})-(\d{1,2})\b\s*(.*)")
NAMED = re.compile(r"([A-Za-z]+)\s+(\d{4})\b[\s:,-]*(.*)")
LONGEST = 4000
USUAL_SET = "southwark"  # the ten statements, where an authority has no set of its own


def _parts(cell: Any) -> list[str]:
    text = as_text(cell, max_length=LONGEST).value or ""
    return [" ".join(part.split()) for part in re.split(r"[;\n]", text) if part.strip()]


def words(cell: Any) -> Parsed:
    return Parsed(as_text(cell, max_length=LONGEST).value)


def several(cell: Any) -> Parsed:
    """Parted by ; -> the same, each once."""
    return Parsed(";".join(dict.fromkeys(_parts(cell))))


def numbers(cell: Any) -> Parsed:
    """ "1;2;6" -> the same, in order."""
    found = set()
    for part in (bit for each in _parts(cell) for bit in each.replace(",", " ").split()):
        if not part.isdecimal() or not 0 < int(part) < 100:
            raise CellError(f"“{part[:20]}” is no number of a statement: write them as 1;2;6")
        found.add(int(part))
    return Parsed(";".join(map(str, sorted(found))))


def milestones(cell: Any) -> Parsed:
    """ "2018-03 review; 2018-07 options" -> each with its month first, as 2018-03."""
    found, note = [], None
    for part in _parts(cell):
        if match := MONTH.match(part):
            year, month, said = int(match[1]), int(match[2]), match[3]
        elif (match := NAMED.match(part)) and match[1].lower() in MONTHS:
            year, month, said = int(match[2]), MONTHS.index(match[1].lower()) + 1, match[3]
            note = "months written as words were read as 2018-03"
        else:
            raise CellError(f"“{part[:40]}” does not begin with its month: write it as 2018-03 review")
        if not 1 <= month <= 12 or not 1990 <= year <= 2100:
            raise CellError(f"“{part[:40]}”: that month does not exist")
        found.append(f"{year:04d}-{month:02d} {said}".strip())
    return Parsed(";".join(dict.fromkeys(found)), note)


ACTIONS = Table(
    "plan",
    "planned actions",
    (
        Field("area", "Key area", ("key_area", "Area"), read=words, needed=True, filled=True),
        Field("words", "Action", ("Planned action",), read=words, needed=True, filled=True),
        Field("leads", "Lead roles", ("lead_roles", "Lead"), read=several),
        Field("milestones", "Milestones", read=milestones),
        Field("indicators", "Linked indicators", ("linked_indicators", "Indicators"), read=words),
        Field("statements", "I statements", ("i_statements", "Statements"), read=numbers),
    ),
)
_LIST = "coalesce(string_to_array(nullif(s.{}, ''), ';'), '{{}}')"
_LEADS = _LIST.format("leads")
_NUMBERS = f"{_LIST.format('statements')}::int[]"
_KNOWN = """JOIN need_plannedaction p ON p.authority_id = %(mine)s AND p.area = s.area
    AND lower(p.words) = lower(s.words)"""
_DUE = f"""SELECT p.id AS action, to_date(left(m, 7) || '-01', 'YYYY-MM-DD') AS due_on, btrim(substr(m, 8)) AS words
    FROM staged_plan s {_KNOWN} CROSS JOIN LATERAL unnest(string_to_array(s.milestones, ';')) AS m
    WHERE s.ok AND s.milestones <> ''"""


@register
class Plan(Source):
    name = "plan"
    label = "Action plan of the sufficiency strategy"
    says = (
        "What your strategy says that you will do: one row for each action, with who leads it, its milestones by month "
        "and the numbers of the I statements that it serves."
    )
    may = ("plans", "import")
    tables = (ACTIONS,)

    def writes(self):
        return [PlannedAction, Milestone]

    def check(self, staging: Staging) -> None:
        staging.reject(
            "plan",
            """s.ok AND EXISTS (SELECT FROM staged_plan o WHERE o.ok AND o.area = s.area
               AND lower(o.words) = lower(s.words) AND (o.sheet, o.row) < (s.sheet, s.row))""",
            "'another row has the same action in the same area: keep one row for each'", column="words",
        )  # fmt: skip
        of_set = self._set(staging)
        known = list(Statement.objects.filter(statement_set=of_set).values_list("number", flat=True)) if of_set else []
        staging.reject(
            "plan", f"s.ok AND NOT {_NUMBERS} <@ %(known)s::int[]",
            "'a number is of no statement of ' || %(set)s", column="statements", known=known,
            set=of_set.name if of_set else "a set in use",
        )  # fmt: skip

    def load(self, staging: Staging) -> None:
        of_set = self._set(staging)
        told = {"mine": staging.authority_id, "run": staging.run_id, "set": of_set.pk if of_set else None}
        staging.execute(
            f"""UPDATE need_plannedaction t SET lead_roles = x.leads, indicators = x.indicators,
                    statements = x.numbers, statement_set_id = x.of_set
                FROM (SELECT p.id, {_LEADS} AS leads, coalesce(s.indicators, '') AS indicators, {_NUMBERS} AS numbers,
                          CASE WHEN coalesce(s.statements, '') = '' THEN NULL ELSE %(set)s::bigint END AS of_set
                      FROM staged_plan s {_KNOWN} WHERE s.ok) x
                WHERE t.id = x.id AND (t.lead_roles, t.indicators, t.statements, t.statement_set_id)
                    IS DISTINCT FROM (x.leads, x.indicators, x.numbers, x.of_set)""",
            told,
        )
        staging.execute(
            f"""INSERT INTO need_plannedaction (authority_id, number, area, words, lead_roles, indicators, statements,
                    statement_set_id, state, progress, source_import_id, source_sheet, source_row)
                SELECT %(mine)s, (SELECT coalesce(max(number), 0) FROM need_plannedaction WHERE authority_id = %(mine)s)
                        + row_number() OVER (ORDER BY s.sheet, s.row), s.area, s.words, {_LEADS},
                    coalesce(s.indicators, ''), {_NUMBERS},
                    CASE WHEN coalesce(s.statements, '') = '' THEN NULL ELSE %(set)s::bigint END, 'planned', '',
                    %(run)s, s.sheet, s.row
                FROM staged_plan s LEFT JOIN need_plannedaction p ON p.authority_id = %(mine)s AND p.area = s.area
                    AND lower(p.words) = lower(s.words)
                WHERE s.ok AND p.id IS NULL ORDER BY s.sheet, s.row""",
            told,
        )
        staging.execute(
            f"""DELETE FROM need_milestone t USING staged_plan s {_KNOWN}
                WHERE s.ok AND t.planned_action_id = p.id AND t.met_on IS NULL
                    AND NOT EXISTS (SELECT FROM ({_DUE}) d WHERE (d.action, d.due_on, d.words)
                        = (t.planned_action_id, t.due_on, t.words))""",
            told,
        )
        staging.execute(
            f"""INSERT INTO need_milestone (authority_id, planned_action_id, due_on, words)
                SELECT %(mine)s, d.action, d.due_on, d.words FROM ({_DUE}) d
                WHERE NOT EXISTS (SELECT FROM need_milestone t WHERE (t.planned_action_id, t.due_on, t.words)
                    = (d.action, d.due_on, d.words))""",
            told,
        )

    def title_of(self, model, row):
        if model is PlannedAction:
            return f"{row['area']}: {row['words']}"
        return f"Milestone of {row['due_on']}"

    def _set(self, staging: Staging) -> StatementSet | None:
        if "set" not in staging.said:
            slug = Authority.objects.get(pk=staging.authority_id).slug
            known = {each.code: each for each in StatementSet.objects.in_use().filter(code__in=(slug, USUAL_SET))}
            staging.said["set"] = known.get(slug) or known.get(USUAL_SET)
        return staging.said["set"]

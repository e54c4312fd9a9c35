"""Source `dfe`: figures of every English authority, what they mean, and each authority's statistical neighbours.

One road for every layout (dfe_layouts.py). Years may come in any order of files: of two files the one whose newest
year is later stands, and of two alike the one loaded later. Where a code or a number went from one body to another,
the figure belongs to the body that DfE put it under.
"""

import re
from typing import Any

from commissioning.kernel.ingest.headers import describe_missing
from commissioning.kernel.ingest.reading import UnreadableFile
from commissioning.kernel.ingest.source import Source, register
from commissioning.kernel.ingest.staging import Staging
from commissioning.partnership.models import Authority, AuthorityCode, AuthorityName
from commissioning.partnership.rules.names import fold_authority

from ..models import NationalFigure, NationalMeasure, StatisticalNeighbour
from ..rules import national
from . import dfe_load as sql
from .dfe_layouts import CHARACTERISTICS, CLOSE_TO, DICTIONARY, FIGURES, LAIT, MEASURED, NEIGHBOURS, RELEASES

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")


@register
class Dfe(Source):
    name = "dfe"
    label = "DfE’s published figures"
    says = (
        "An extract of the Local Authority Interactive Tool or its data dictionary, a file of “Children looked after "
        "in England”, or the list of statistical neighbours, as published. It belongs to the whole partnership."
    )
    may = ("dfe", "import")
    of_authority = False
    tables = (LAIT, DICTIONARY, *RELEASES, CLOSE_TO)

    def writes(self):
        return [NationalMeasure, NationalFigure, StatisticalNeighbour]

    def check(self, staging: Staging) -> None:
        found = [table.key for table in self.tables if staging.has(table.key)]
        if not found:
            wanted = {field.key: field.headings for field in LAIT.fields}
            needed = {field.key for field in LAIT.fields if field.needed}
            raise UnreadableFile(
                "The file has none of the layouts of DfE’s that are known here. "
                + describe_missing(staging.book, wanted, needed)
            )
        if not any(staging.rows(f"SELECT 1 FROM staged_{key} LIMIT 1") for key in found):
            raise UnreadableFile("The file has headings and no rows. Nothing was loaded.")
        staging.execute(sql.MAKE_FIGURES)
        self._name_areas(staging, found)
        if staging.has("lait"):
            self._check_lait(staging)
        for table in RELEASES:
            if staging.has(table.key):
                self._check_release(staging, table.key)
        self._check_figures(staging)
        if staging.has("dictionary"):
            self._check_dictionary(staging)
        if staging.has("neighbours"):
            self._check_neighbours(staging)

    def _name_areas(self, staging: Staging, found: list[str]) -> None:
        """Temporary tables `codes` (ONS code), `numbers` (DfE's) and `names` (folded), each with whose it is."""
        codes = dict(AuthorityCode.objects.values_list("ons_code", "authority_id"))
        # One number went from a county to the council of the same area: the later body has it.
        bodies = Authority.objects.exclude(dfe_number="").order_by("pk").values_list("dfe_number", "pk", "ends_before")
        numbers = {number: pk for number, pk, ends in bodies if ends is not None}
        numbers |= {number: pk for number, pk, ends in bodies if ends is None}
        spelt: set[str] = set()
        for key in {"lait", *(table.key for table in RELEASES), "neighbours"} & set(found):
            spelt |= {name for (name,) in staging.rows(f"SELECT DISTINCT area FROM staged_{key} WHERE area <> ''")}
        regions = {fold_authority(name): code for code, (name, _) in national.AREAS.items()}
        bodies_named: dict[str, list[int]] = {}
        for name, pk in AuthorityName.objects.values_list("folded_name", "authority_id"):
            bodies_named.setdefault(name, []).append(pk)
        known = AuthorityName.objects.known_on(staging.today)
        staging.execute(sql.MAKE_AREAS)
        staging.execute(sql.FILL_CODES, (list(codes), list(codes.values())))
        staging.execute(sql.FILL_NUMBERS, (list(numbers), list(numbers.values())))
        staging.execute(sql.FILL_REGIONS, (list(national.AREA_NUMBERS), list(national.AREA_NUMBERS.values())))
        named = [(name, fold_authority(name)) for name in sorted(spelt)]
        staging.execute(sql.FILL_NAMES, (
            [name for name, _ in named], [known.get(folded) for _, folded in named],
            [regions.get(folded, "") for _, folded in named],
        ))  # fmt: skip
        pairs = [(name, pk) for name, folded in named for pk in bodies_named.get(folded, ())]
        staging.execute(sql.FILL_BODIES, ([name for name, _ in pairs], [pk for _, pk in pairs]))

    def _check_lait(self, staging: Staging) -> None:
        staging.reject(
            "lait",
            "s.number IS NOT NULL AND n.number IS NULL",
            "'the number ' || s.number || ' is of no English authority or region that is known: check it'",
            joins="LEFT JOIN numbers n ON n.number = s.number",
            column="number",
        )
        staging.reject(
            "lait",
            "s.number IS NULL AND a.authority_id IS NULL AND coalesce(a.region_code, '') = ''",
            "'“' || s.area || '” is no English authority or region that is known, and the row has no number: add it'",
            joins="LEFT JOIN names a ON a.name = s.area",
            column="area",
        )
        staging.reject(
            "lait",
            "n.authority_id IS NOT NULL AND EXISTS (SELECT FROM bodies b WHERE b.name = s.area) AND NOT EXISTS "
            "(SELECT FROM bodies b WHERE b.name = s.area AND b.authority_id = n.authority_id)",
            "'the number ' || s.number || ' is not that of ' || s.area || ': one of the two is wrong'",
            joins="JOIN numbers n ON n.number = s.number",
            column="number",
        )
        self._say_blank(staging, "lait", "value", "Values")
        staging.execute(sql.figures_of_lait())

    def _check_release(self, staging: Staging, key: str) -> None:
        staging.reject(
            key,
            "lower(s.level) NOT IN ('national', 'regional', 'local authority')",
            "'“' || s.level || '” is no level that is shown here: National, Regional or Local authority'",
            column="level",
        )
        staging.reject(
            key,
            "lower(s.level) = 'regional' AND NOT coalesce(s.region_code, '') = ANY (%(known)s)",
            "'“' || coalesce(s.region_code, '') || '” is no region of England that is known'",
            column="region_code",
            known=list(national.AREAS),
        )
        staging.reject(
            key,
            "lower(s.level) = 'local authority' AND c.code IS NULL "
            "AND (coalesce(s.code, '') <> '' OR n.number IS NULL)",
            "'the code “' || coalesce(s.code, '') || '” is of no English authority, now or before: check it'",
            joins="LEFT JOIN codes c ON c.code = upper(s.code) LEFT JOIN numbers n ON n.number = s.number",
            column="code",
        )
        if key in CHARACTERISTICS:
            place = "part_1" if key == "distance" else "part_0"
            staging.reject(
                key,
                f"s.{place} !~* %(words)s",
                f"'“' || s.{place} || '” belongs to another table of the release, which is not shown here'",
                column=place,
                words=CHARACTERISTICS[key],
            )
        parts = [field.key for table in RELEASES if table.key == key for field in table.fields if "part_" in field.key]
        for column in FIGURES.keys() & staging.columns_of(key):
            self._say_blank(staging, key, column, FIGURES[column])
            staging.execute(sql.figures_of_release(key, parts, column, MEASURED[column]), {
                "england": national.ENGLAND, "unit": national.PERCENT if column == "percent" else national.NUMBER,
            })  # fmt: skip

    def _say_blank(self, staging: Staging, key: str, column: str, heading: str) -> None:
        staging.correct(
            key, f"s.ok AND s.{column} IS NULL", "'the cell is empty: read as “-”, not published'", column=heading
        )

    def _check_figures(self, staging: Staging) -> None:
        """A figure that stands twice is taken once, from the first row."""
        staging.execute(sql.FIND_REPEATED)
        for key in ("lait", *(table.key for table in RELEASES)):
            if staging.has(key):
                staging.reject(
                    key,
                    "EXISTS (SELECT FROM figures f WHERE (f.sheet, f.row) = (s.sheet, s.row) AND f.repeated)",
                    "'this measure, year and area stand in an earlier row already: keep one of them'",
                    column="period",
                )

    def _check_dictionary(self, staging: Staging) -> None:
        staging.reject(
            "dictionary",
            "EXISTS (SELECT FROM staged_dictionary e WHERE (e.measure, e.topic) = (s.measure, s.topic) "
            "AND (e.sheet, e.row) < (s.sheet, s.row))",
            "'the short name ' || s.measure || ' stands in an earlier row of this topic already: keep one of them'",
            column="measure",
        )
        ((as_at,),) = staging.rows("SELECT max(updated) FROM staged_dictionary")
        if as_at is None:
            raise UnreadableFile(
                "The dictionary says of no measure when it was last updated, so it cannot be told from an older one. "
                "Keep the column “Last Update” as DfE published it."
            )
        staging.said["as_at"] = as_at

    def _check_neighbours(self, staging: Staging) -> None:
        names = [staging.file_name, *(count.name for count in staging.sheets if count.table is CLOSE_TO)]
        years = [found[1] for name in names if (found := _YEAR.search(name))]
        if not years:
            raise UnreadableFile(
                "The file does not say which year’s neighbours it lists. Keep the year in its name, for example "
                "“statistical_neighbours_2025”, and send it again."
            )
        staging.said["edition"] = int(years[0])
        none = " AND ".join(f"s.n_{place} IS NULL" for place in range(1, NEIGHBOURS + 1))
        staging.note(
            "neighbours",
            f"s.ok AND s.number IS NULL AND {none}",
            "'no number and no neighbour: taken for a heading between rows'",
            column="area",
        )
        staging.reject(
            "neighbours",
            f"s.number IS NULL AND NOT ({none})",
            "'this cell is empty: give the number of the authority whose neighbours these are'",
            column="number",
        )
        staging.reject(
            "neighbours",
            "s.number IS NOT NULL AND n.authority_id IS NULL",
            "'the number ' || s.number || ' is of no English authority that is known'",
            joins="LEFT JOIN numbers n ON n.number = s.number",
            column="number",
        )
        staging.reject(
            "neighbours",
            "EXISTS (SELECT FROM staged_neighbours e WHERE e.number = s.number "
            "AND (e.sheet, e.row) < (s.sheet, s.row))",
            "s.area || ' stands in an earlier row already: keep one of them'",
            column="number",
        )
        for place in range(1, NEIGHBOURS + 1):
            mine = f"s.n_{place}"
            before = ", ".join(f"s.n_{other}" for other in range(1, place)) or "NULL::text"
            for where, says in (
                (f"{mine} IS NULL AND s.number IS NOT NULL", "'this cell is empty: each authority has ten neighbours'"),
                (f"n.authority_id IS NULL AND {mine} IS NOT NULL",
                 f"'the number ' || {mine} || ' is of no English authority that is known'"),
                (f"{mine} = s.number", "'an authority is no neighbour of its own'"),
                (f"{mine} IN ({before})", f"'the number ' || {mine} || ' stands in this row already'"),
            ):  # fmt: skip
                staging.reject(
                    "neighbours", where, says, joins=f"LEFT JOIN numbers n ON n.number = {mine}", column=f"SN{place}"
                )

    def load(self, staging: Staging) -> None:
        run = {"run": staging.run_id}
        units = [(code, measure.unit) for code, measure in national.MEASURES.items()]
        staging.execute(sql.FILL_UNITS, ([code for code, _ in units], [unit for _, unit in units]))
        staging.execute("ANALYZE figures")
        for key in ("lait", *(table.key for table in RELEASES)):
            if staging.has(key):
                staging.execute(sql.LOAD_FIGURES.format(table=key), run | {"key": key})
        if staging.has("dictionary"):
            staging.execute(sql.LOAD_MEASURES, run | {"as_at": staging.said["as_at"]})
        if staging.has("neighbours"):
            listed = run | {"edition": staging.said["edition"]}
            staging.execute(sql.MAKE_CLOSE)
            staging.execute(sql.NO_LONGER_CLOSE, listed)
            staging.execute(sql.LOAD_CLOSE, listed)

    def title_of(self, model: Any, row: dict[str, Any]) -> str:
        if model is NationalFigure:
            what = ": ".join(filter(None, (national.known(row["measure"]).title, row["part"])))
            whose = f"authority {row['authority_id']}"
            if row["region_code"]:
                whose = national.AREAS.get(row["region_code"], (row["region_code"],))[0]
            return f"{what}, {row['period']}, {whose}"
        if model is NationalMeasure:
            return f"{row['title']} ({row['code']})"
        if model is StatisticalNeighbour:
            return f"neighbour {row['rank']} of authority {row['authority_id']}"
        return super().title_of(model, row)

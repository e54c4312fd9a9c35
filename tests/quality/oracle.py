"""What Ofsted's files say, worked out the slow and obvious way: one row at a time, nothing shared with the source.

`Oracle().hear(day, sheets)` for each file in any order, then ask for the end state.
"""

import re
from collections import Counter
from datetime import date, datetime

KINDS = {
    "children's home": "childrens_home", "secure children's home": "secure_childrens_home",
    "residential special school (registered as a children's home)": "school_as_home",
    "independent fostering agency": "fostering_agency", "supported accommodation": "supported_accommodation",
    "residential family centre": "family_centre", "residential special school": "special_school",
    "boarding school": "boarding_school", "further education college with residential accommodation": "college",
    "voluntary adoption agency": "adoption_agency", "adoption support agency": "adoption_support",
    "residential holiday scheme for disabled children": "holiday_scheme",
    "secure training centre": "secure_training_centre",
    "cafcass": "cafcass",
}  # fmt: skip
SECTORS = {
    "private": "private", "voluntary": "voluntary", "local authority": "local_authority", "health authority": "health",
    "academy": "academy", "public sector": "public", "": "",
}  # fmt: skip
WORDS = {
    "outstanding": "outstanding", "good": "good", "requires improvement": "requires_improvement",
    "requires improvement to be good": "requires_improvement", "inadequate": "inadequate", "adequate": "adequate",
    "satisfactory": "satisfactory", "not judged": "", "": "",
    "consistently strong service delivery": "consistently_strong",
    "inconsistent quality of service delivery": "inconsistent",
    "serious or widespread weaknesses": "serious_weaknesses",
}  # fmt: skip
OF_A_HOME = (
    "kind", "status", "name", "address", "postcode", "area", "region", "constituency", "sector", "places",
    "short_breaks", "education_urn",
)  # fmt: skip


def squeezed(cell):
    """A heading or a word without case, doubled spaces and curly apostrophes."""
    return " ".join(str(cell if cell is not None else "").replace("’", "'").replace("\ufeff", "").split()).lower()


def words(cell):
    """Text without blanks round it; a workbook's 6.0 is 6."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).replace("\u00a0", " ").strip()


def shown(cell):
    return "" if words(cell).lower() == "redacted" else words(cell)


def day_of(cell):
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return datetime.strptime(words(cell), "%d/%m/%Y").date() if words(cell) else None


def number(cell):
    return int(float(words(cell))) if words(cell) else None


def same_name(name):
    plain = re.sub(r"[^a-z0-9& ]", " ", name.lower().replace("&", " & ").replace("'", "").replace("’", ""))
    short = {"limited": "ltd", "company": "co", "and": "&", "incorporated": "inc", "partnership": "partners"}
    return " ".join(short.get(word, word) for word in plain.split() if word != "the")


class Row:
    """Cells by heading; the first of several names that is there."""

    def __init__(self, headings, cells):
        self.cells = dict(zip(headings, cells, strict=False))

    def __call__(self, *names):
        for name in names:
            for heading in (name, f"latest full inspection {name}", f"latest full inspectio {name}"):
                if heading in self.cells:
                    return self.cells[heading]
        return None


def table(rows):
    """Below the first row with a cell "URN": one Row for each that holds anything."""
    at = next(place for place, row in enumerate(rows) if "urn" in map(squeezed, row))
    headings = [squeezed(cell) for cell in rows[at]]
    return [Row(headings, row) for row in rows[at + 1 :] if any(words(cell) for cell in row)]


SHORT = ("short-break-only children's home", "short breaks only children's home", "short breaks only")


def says_short_breaks(rows):
    return any(words(row(*SHORT)) for row in rows)


def home(row, says_short_breaks, status=None):
    owner = shown(row("organisation which owns the provider", "organisation", "organisation name"))
    return {
        "kind": KINDS[squeezed(row("provision type"))],
        "status": words(row("registration status", "reg status")) if status is None else status,
        "name": shown(row("name", "setting name")),
        "address": ", ".join(part for part in map(shown, map(row, ("address 1", "address 2", "town"))) if part),
        "postcode": shown(row("postcode")),
        "area": words(row("local authority")),
        "region": words(row("government office region", "region", "ofsted region")),
        "constituency": words(row("parliamentary constituency")),
        "sector": SECTORS[squeezed(row("sector"))],
        "places": number(row("places")),
        "short_breaks": bool(words(row(*SHORT))) if says_short_breaks else None,
        "education_urn": words(row("linked education urn")),
        "registered_on": day_of(row("registration date", "first effective date (that the provider became active)")),
        "owner": owner if owner != "0" else "",
    }


def inspection(row):
    on = day_of(row("latest full inspection date", "inspection date"))
    if on is None:
        return None
    supported = squeezed(row("provision type")) == "supported accommodation"
    kind = words(row("latest full inspection event type", "inspection event type", "event type"))

    def judged(*names):
        return WORDS[squeezed(row(*names))]

    overall = judged("overall experiences and progress of children and young people", "overall effectiveness")
    return {
        "number": words(
            row("latest full inspection event number", "inspection event number", "event number", "inspection id")
        )
        or f"on {on}",
        "type": kind.capitalize(),
        "on": on,
        "published": day_of(
            row("latest full inspection publication date", "inspection publication date", "publication date")
        ),
        "scale": "outcomes" if supported else "grades",
        "overall": judged("supported accommodation outcome") if supported else overall,
        "protection": judged(
            "how well children and young people are helped and protected", "safeguarding children and young people",
            "the safety of cyp",
        ),
        "leadership": judged("the effectiveness of leaders and managers", "leadership and management"),
        "outcomes": judged("outcomes for children and young people", "outcomes for cyp"),
        "quality": judged("quality of care"),
        "education": judged("outcomes in education and related learning activities"),
        "health": judged("health services"),
    }  # fmt: skip


def sheet_named(sheets, part):
    return next((rows for name, rows in sheets if part in name.lower()), None)


def end_status(row):
    """ "Resigned" where the column of the year's end says so, else "Leaver"."""
    said = [
        words(cell) for heading, cell in row.cells.items() if heading.startswith("registration status (as at 31 march")
    ]
    return next(filter(None, said), None) or words(row("leaver status"))


class Oracle:
    def __init__(self):
        self.records = {}  # (urn, day) -> what one file said
        self.events = {}  # (urn, number) -> [(day, inspection)]
        self.listed_premises = {}  # (urn, category, places, area, constituency, which of those alike) -> {day: region}

    def hear(self, day, sheets):
        listed = table(sheets[0][1] if len(sheets) == 1 else sheet_named(sheets, "provider_level_at"))
        in_year = sheet_named(sheets, "provider_level_in_year")
        in_year = table(in_year) if in_year else []
        list_says, in_year_says = says_short_breaks(listed), says_short_breaks(in_year)
        for row in sorted(in_year, key=lambda row: day_of(row("inspection date")) or date.min):
            self._record(row, day, in_year_says, listed=False)
        for row in listed:
            self._record(row, day, list_says, listed=True)
        leavers = sheet_named(sheets, "leavers")
        self._leavers(day, table(leavers) if leavers else [])
        for rows in (in_year, listed):  # what the list says stands above the year's inspections
            for row in reversed(rows):
                if event := inspection(row):
                    self.events.setdefault((words(row("urn")), event["number"]), {})[day] = event
        premises = sheet_named(sheets, "sa_premises")
        self._premises(day, table(premises) if premises else [])

    def _record(self, row, day, says, *, listed):
        self.records[words(row("urn")), day] = {**home(row, says), "listed": listed, "closed_on": None}

    def _leavers(self, day, rows):
        says = says_short_breaks(rows)
        for row in rows:
            key = words(row("urn")), day
            if not words(row("leaver status")) or self.records.get(key, {}).get("listed"):
                continue
            if key not in self.records:
                self.records[key] = {**home(row, says, end_status(row)), "listed": False, "closed_on": None}
            ways = (
                "that the provider closed",
                "that the provider became cancelled",
                "that the provider became resigned",
            )
            days = [day_of(row(f"first effective date ({way})")) for way in ways]
            end = next((each for each in days if each), None)
            self.records[key]["status"] = end_status(row)
            known = self.records[key]["closed_on"]
            self.records[key]["closed_on"] = max(filter(None, (known, end)), default=None)

    def _premises(self, day, rows):
        alike = Counter()
        for row in rows:
            key = (
                words(row("urn")), int(squeezed(row("service category (note 4)")).removeprefix("category")),
                number(row("places")), words(row("premises local authority")),
                words(row("premises parliamentary constituency")),
            )  # fmt: skip
            alike[key] += 1
            self.listed_premises.setdefault((*key, alike[key]), {})[day] = words(
                row("premises government office region")
            )

    # The end state.

    def owners(self):
        """How an owner's name is compared -> (name, sector) as the newest files have them."""
        newest = {}
        for (_, day), said in self.records.items():
            if said["owner"]:
                newest.setdefault(same_name(said["owner"]), []).append((day, said["owner"], said["sector"]))
        chosen = {}
        for folded, told in newest.items():
            last = max(day for day, _, _ in told)
            chosen[folded] = min((name, sector) for day, name, sector in told if day == last)
        return chosen

    def homes(self):
        """urn -> everything shown of an establishment."""
        by_urn = {}
        for (urn, day), said in self.records.items():
            by_urn.setdefault(urn, []).append((day, said))
        owners, homes = self.owners(), {}
        for urn, told in by_urn.items():
            told.sort(key=lambda pair: pair[0], reverse=True)
            newest = told[0][1]
            owner = next((said["owner"] for _, said in told if said["owner"]), "")
            homes[urn] = {name: newest[name] for name in OF_A_HOME} | {
                "registered_on": next((said["registered_on"] for _, said in told if said["registered_on"]), None),
                "provider": owners[same_name(owner)][0] if owner else None,
                "listed_at": next((day for day, said in told if said["listed"]), None),
                "closed_on": newest["closed_on"],
            }
        return homes

    def inspections(self):
        """(urn, number) -> the words of the newest file, the last publication day any file gives, who runs it now."""
        homes, end = self.homes(), {}
        for (urn, number_), told in self.events.items():
            last = max(told)
            days = [event["published"] for event in told.values() if event["published"]]
            end[urn, number_] = told[last] | {
                "published": max(days, default=None), "as_at": last, "provider": homes[urn]["provider"],
            }  # fmt: skip
        return end

    def premises(self):
        """A multiset: (urn, category, places, area, constituency, region, newest list with it, who runs it now)."""
        homes = self.homes()
        return Counter(
            (*key[:5], told[max(told)], max(told), homes[key[0]]["provider"])
            for key, told in self.listed_premises.items()
        )

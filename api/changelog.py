"""What has changed in the API, newest first. `make promise` asks for an entry for each resource that changed
before it renews the promise (contract.json); the newest version is that of the description."""

from dataclasses import dataclass
from datetime import date

KINDS = {"added": "Added", "changed": "Changed", "leaving": "Going away", "removed": "Taken away", "fixed": "Put right"}
EVERYTHING = "*"


@dataclass(frozen=True)
class Entry:
    """`version` as "1.4.0"; `of`: names of the resources that it is about, or EVERYTHING."""

    version: str
    on: date
    kind: str
    of: tuple[str, ...]
    says: str


CHANGELOG: tuple[Entry, ...] = (
    Entry(
        "1.7.3", date(2026, 11, 29), "changed", (EVERYTHING,),
        "A whole list as csv or ndjson comes two to four times as fast. It is written before its first byte is sent, "
        "so that byte comes later, and one who reads slowly loses nothing. Lines of ndjson have no blanks between a "
        "name and its value.",
    ),
    Entry(
        "1.7.2", date(2026, 11, 29), "fixed", ("suspensions",),
        "decisions is an empty list, not null, for those who are told of none.",
    ),
    Entry(
        "1.7.2", date(2026, 11, 29), "fixed", (EVERYTHING,),
        "The description says how If-Match and Idempotency-Key are written, that rows and changes need a body, and "
        "that a dry run is sent with an Idempotency-Key as well. An OCDS package has a media type of its own.",
    ),
    Entry(
        "1.7.2", date(2026, 11, 29), "fixed", ("benchmarks",),
        "count/ counts what the list has: of the newest release or the one named, of the whole partnership or a group "
        "that is named. It counted every release and group together. A withdrawn release answers 410 there too.",
    ),
    Entry(
        "1.7.2", date(2026, 11, 29), "fixed", ("placements",),
        "How a placement ended may be sent without notice_given_on: what is recorded of it stays. It was taken away.",
    ),
    Entry(
        "1.7.2", date(2026, 11, 29), "fixed", ("data-quality",),
        "It tells of what the caller's role reads, as its page does.",
    ),
    Entry(
        "1.7.2", date(2026, 11, 29), "fixed", (EVERYTHING,),
        "A count's unsettled is of removals too, of rows that left the filters, and of frameworks that you see "
        "otherwise: it was 0 where a copy of its watermark still held them. If-None-Match for a page that was the last "
        "one answers 200 once another follows it.",
    ),
    Entry(
        "1.7.2", date(2026, 11, 29), "fixed", (EVERYTHING,),
        "A key of a person's own reads nothing that is kept to those who work with cases once its maker does not; one "
        "that somebody made as an administrator goes on whatever they become. A change with the version alone in "
        "If-Match is answered 400 with what to send, where it was told that the row had changed.",
    ),
    Entry(
        "1.7.1", date(2026, 11, 29), "fixed", (EVERYTHING,),
        "A filter that is yes or no refuses other words, where it took them for nothing asked. updated_since refuses a "
        "moment that has not come yet, and takes every time zone, as heard_since and moments in rows do. That a step "
        "of a release answers 413 to a body that is too large is described, and that a body holds no other names.",
    ),
    Entry(
        "1.7.0", date(2026, 11, 29), "added", ("data-quality",),
        "How good your own records are, by kind of record: complete, in time and consistent, each as a share of the "
        "checks that apply.",
    ),
    Entry(
        "1.6.0", date(2026, 11, 29), "added", (EVERYTHING,),
        "Each list may be counted (count/), with a digest to hold a copy against; it also comes as an Excel workbook "
        "or as parquet. If-None-Match answers 304 where nothing changed. A minute holds so many calls of a key and of "
        "an authority: beyond them the answer is 429, with Retry-After.",
    ),
    Entry(
        "1.6.0", date(2026, 11, 29), "added", ("placements", "cost-lines", "referrals", "outcomes"),
        "Rows may be sent, many in one call, as on the import page, each call once by its Idempotency-Key; and a "
        "placement, a cost line and a search changed, as they were seen, by If-Match.",
    ),
    Entry(
        "1.6.0", date(2026, 11, 29), "added", ("ocds",),
        "Frameworks and call-offs in the Open Contracting Data Standard: releases, and whole packages.",
    ),
    Entry(
        "1.6.0", date(2026, 11, 29), "changed", ("kpi-returns", "kpis"),
        "A contract may have a KPI that its lot does not expect: expected is null there. ETag is the row's version and "
        "a digest of it; a step of a release takes the version alone as before.",
    ),
    Entry(
        "1.5.0", date(2026, 11, 29), "added", (EVERYTHING,),
        "The description gives an example of every call and every answer, and says that a fault of ours answers 500, "
        "as a problem. Filters that are yes or no, or a moment, are described as such. What is going away will say so "
        "in the headers Deprecation, Sunset and Link.",
    ),
    Entry("1.5.0", date(2026, 11, 29), "added", ("benchmarks",),
          "That the list of a withdrawn release answers 410 is described."),
    Entry(
        "1.4.0", date(2026, 11, 29), "added", ("kpis", "kpi-returns", "outcomes"),
        "KPIs with what each lot expects of them, what providers return, and what young people say by statement.",
    ),
    Entry(
        "1.3.0", date(2026, 11, 28), "added", ("visits", "actions", "suspensions", "notifiable-events", "inspections"),
        "Visits with answers and findings, improvement actions, suspensions with each authority's decision, notifiable "
        "events; inspections say who entered them and whether a file confirmed it.",
    ),
    Entry(
        "1.2.0", date(2026, 11, 28), "added", ("releases", "benchmarks"),
        "Releases of the partnership's figures and the steps from asking for one to withdrawing it; the figures of one "
        "release as benchmarks.",
    ),
    Entry(
        "1.1.0", date(2026, 11, 24), "added",
        ("referrals", "placements", "agreements", "cost-lines", "funding-splits", "spend"),
        "What your authority buys: referrals, placements, agreements, cost lines, who pays, and spend by month.",
    ),
    Entry(
        "1.0.0", date(2026, 11, 22), "added", (EVERYTHING,),
        "Authorities, frameworks, lots, price lines, providers, establishments, premises, awards, rates, inspections "
        "and imports: pages, csv and ndjson, and deltas.",
    ),
)  # fmt: skip


def newest() -> Entry:
    return CHANGELOG[0]


def number(version: str) -> tuple[int, ...]:
    """A version as what orders versions."""
    return tuple(int(part) for part in version.split("."))


def entries_since(version: str) -> list[Entry]:
    return [entry for entry in CHANGELOG if number(entry.version) > number(version)]

"""What the Files pages say of a run, in sentences."""

from datetime import datetime, timedelta

from .. import wording
from ..ingest.source import source_named
from ..models import ImportRun, ImportState

TONES = {
    ImportState.CHECKED: "needs",
    ImportState.LOADED: "good",
    ImportState.UNREADABLE: "needs",
    ImportState.INTERRUPTED: "needs",
}
DID = {"insert": "added", "update": "changed", "delete": "removed"}
WAITS_TOO_LONG = timedelta(minutes=5)


def count(number: int, one: str, many: str = "") -> str:
    """ "1 row", "5,600 rows" """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sentence(said: str) -> str:
    """A remark as a sentence: it begins with a capital and ends with a stop."""
    return said[:1].upper() + said[1:] + ("" if said.endswith((".", "…", "?")) else ".")


def answer(run: ImportRun) -> str:
    """The page's first sentence: what became of the file, and what is wanted now."""
    match run.state:
        case ImportState.CHECKED:
            return f"{_read(run)} {would(run)}"
        case ImportState.LOADED:
            return f"{_loaded(run)} {did(run)}"
        case ImportState.TAKEN_BACK:
            return "This file was taken back. Every record that it had changed stands again as it did before."
        case ImportState.UNREADABLE:
            return f"{run.message} Nothing was loaded, and nothing that was recorded before is lost."
        case ImportState.INTERRUPTED:
            return run.message
        case _:
            return "The file is here. You may leave this page: the work goes on, and Files shows when it is done."


def _read(run: ImportRun) -> str:
    read = f"{count(run.rows_read, 'row')} read:"
    if not run.rows_rejected:
        return f"{read} {'it' if run.rows_read == 1 else 'all'} can be loaded."
    need = "needs" if run.rows_rejected == 1 else "need"
    if not run.rows_accepted:
        return f"{read} none can be loaded, {run.rows_rejected:,} {need} correcting."
    return f"{read} {run.rows_accepted:,} can be loaded, {run.rows_rejected:,} {need} correcting."


def _loaded(run: ImportRun) -> str:
    if not run.rows_rejected:
        return f"{'The one row' if run.rows_read == 1 else f'All {run.rows_read:,} rows'} of this file are loaded."
    stayed = "stayed out and needs" if run.rows_rejected == 1 else "stayed out and need"
    return (
        f"{run.rows_accepted:,} of {count(run.rows_read, 'row')} are loaded, {run.rows_rejected:,} {stayed} correcting."
    )


def would(run: ImportRun) -> str:
    if not run.rows_accepted:
        return "Nothing is loaded yet."
    if unchanged(run):
        return "Everything in it is recorded already: loading would change nothing."
    parts = (("add", run.facts_added), ("change", run.facts_changed), ("remove", run.facts_removed))
    first, *others = [(verb, number) for verb, number in parts if number]
    said = _listed([f"{first[0]} {count(first[1], 'record')}", *(f"{verb} {number:,}" for verb, number in others)])
    return f"Loading would {said}. Nothing is loaded yet."


def look_first(number: int) -> str:
    """What stands above the button that loads, where rows were noted."""
    return f"{count(number, 'row')} can be loaded and should be looked at first"


def did(run: ImportRun) -> str:
    if unchanged(run):
        return "Everything in it was recorded already, so nothing changed."
    parts = (("added", run.facts_added), ("changed", run.facts_changed), ("removed", run.facts_removed))
    (verb, number), *others = [(verb, number) for verb, number in parts if number]
    was = "was" if number == 1 else "were"
    said = _listed([f"{count(number, 'record')} {was} {verb}", *(f"{number:,} {verb}" for verb, number in others)])
    return f"{said}."


def undoing(run: ImportRun) -> list[str]:
    """What taking the file back does, one sentence for each kind of change."""
    says = []
    if run.facts_added:
        says.append(f"{count(run.facts_added, 'record')} that it added will be removed.")
    if run.facts_changed:
        says.append(f"{count(run.facts_changed, 'record')} that it changed will stand again as before.")
    if run.facts_removed:
        says.append(f"{count(run.facts_removed, 'record')} that it removed will be there again.")
    return says or ["It changed nothing, so no record changes."]


def unchanged(run: ImportRun) -> bool:
    return not (run.facts_added or run.facts_changed or run.facts_removed)


def waits_too_long(run: ImportRun, now: datetime) -> bool:
    """Nobody has taken it up: a job may have died before it began."""
    return run.state == ImportState.RECEIVED and run.changed_at < now - WAITS_TOO_LONG


def stage(run: ImportRun) -> str:
    """ "Reading providers: 5,000 of 8,119 rows" """
    said = run.stage or "Waiting its turn"
    return f"{said}: {run.done:,} of {count(run.total, 'row')}" if run.total else said


def who(person: object) -> str:
    return str(person) if person else "the platform"


def when_and_who(moment: datetime | None, person: object) -> str | None:
    return f"{wording.instant(moment)} by {who(person)}" if moment else None


def kind(run: ImportRun) -> str:
    return source_named(run.source).label


def whose(run: ImportRun) -> str:
    return str(run.authority) if run.authority_id else "The whole partnership"


def size(run: ImportRun) -> str:
    if run.size < 1024 * 1024:
        return f"{max(1, round(run.size / 1024)):,} kB"
    return f"{run.size / (1024 * 1024):.1f} MB"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

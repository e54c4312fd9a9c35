"""A version of an agreement as a printable document."""

from commissioning.kernel.exports.paper import Paper

from .models import AgreementVersion
from .pages.agreement_words import Section, sections, what_changed


def agreement_pdf(version: AgreementVersion, before: AgreementVersion | None = None) -> bytes:
    """The whole version, with what it changed from the one `before` and lines to sign on. Names no child: the number
    within the authority stands for them."""
    title = f"Individual Placement Agreement, version {version.number}"
    paper = Paper(f"{version.authority}: {version.placement.child}, agreement, version {version.number}")
    paper.set_title(paper.words(title))
    paper.set_lang("en-GB")
    paper.add_page()
    paper.line_of(title, 18, bold=True, after=1)
    paper.line_of(f"A home for {version.placement.child} of {version.authority}", 12, after=3)
    for section in sections(version):
        _section(paper, section)
    if before is not None:
        paper.heading(f"What changed from version {before.number}")
        paper.line_of(version.changes, 10, after=1)
        changes = what_changed(before, version)
        if changes:
            paper.table_of(("What", "Before", "Now"), changes)
    _signatures(paper, version)
    paper.say_what_is_lost("this agreement")
    return bytes(paper.output())


def _section(paper: Paper, section: Section) -> None:
    paper.heading(section.heading)
    if section.columns:
        if not section.rows:
            paper.line_of(section.nothing, 10)
            return
        rows = [[column.text(column.of(row)) for column in section.columns] for row in section.rows]
        paper.table_of([column.heading for column in section.columns], rows)
        return
    paper.pairs(section.pairs)


def _signatures(paper: Paper, version: AgreementVersion) -> None:
    if paper.will_page_break(60):
        paper.add_page()
    paper.heading("Signatures")
    for whose, name in (
        ("the authority", version.authority_signatory),
        ("the provider", version.provider_signatory),
    ):
        paper.ln(6)
        paper.line_of(f"For {whose}{f': {name}' if name else ''}", 10, after=6)
        paper.line_of("Signed ______________________________    Date ____________________", 10)

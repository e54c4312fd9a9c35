"""A version of an agreement as a printable document.

The core fonts are used, which every reader of such files has: they hold Western European letters. Other letters are
written with their nearest plain ones, what has none becomes a question mark, and the document says so.
"""

import unicodedata
from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from commissioning.kernel import wording

from .models import AgreementVersion
from .pages.agreement_words import Section, sections, what_changed

FONT = "helvetica"
UNKNOWN = "?"
# Letters and signs that do not fall apart into a plain letter and its mark.
PLAIN = str.maketrans({
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "…": "...", "•": "-",
    "€": "EUR", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "ı": "i", "Œ": "OE", "œ": "oe", "ẞ": "SS", "Ħ": "H", "ħ": "h",
    "\u200b": "", "\u00ad": "", "\t": " ",
})  # fmt: skip
LABEL_WIDTH = 62  # millimetres


def printable(text: str) -> str:
    """The text in letters of Latin-1; what has no likeness there becomes a question mark."""
    plain = []
    for letter in text.translate(PLAIN):
        try:
            letter.encode("latin-1")
            plain.append(letter)
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFKD", letter).encode("latin-1", "ignore").decode("latin-1")
            plain.append(parts or UNKNOWN)
    return "".join(plain)


class _Paper(FPDF):
    """A4 with the version and page at the foot of every page. Remembers whether a letter could not be printed."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.lossy = False
        self.foot_words = self.words(foot)
        self.set_margin(18)
        self.set_auto_page_break(True, margin=20)

    def words(self, text: str) -> str:
        written = printable(text)
        self.lossy = self.lossy or written != text.translate(PLAIN)
        return written

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font(FONT, size=8)
        self.cell(0, 5, f"{self.foot_words}. Page {self.page_no()} of {{nb}}", align="C")

    def line_of(self, text: str, size: float, *, bold: bool = False, after: float = 0) -> None:
        self.set_font(FONT, "B" if bold else "", size)
        self.multi_cell(0, size * 0.5, self.words(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        if after:
            self.ln(after)


def agreement_pdf(version: AgreementVersion, before: AgreementVersion | None = None) -> bytes:
    """The whole version, with what it changed from the one `before` and lines to sign on. Names no child: the number
    within the authority stands for them."""
    title = f"Individual Placement Agreement, version {version.number}"
    paper = _Paper(f"{version.authority}: {version.placement.child}, agreement, version {version.number}")
    paper.set_title(paper.words(title))
    paper.set_lang("en-GB")
    paper.add_page()
    paper.line_of(title, 18, bold=True, after=1)
    paper.line_of(f"A home for {version.placement.child} of {version.authority}", 12, after=3)
    for section in sections(version):
        _section(paper, section)
    if before is not None:
        _heading(paper, f"What changed from version {before.number}")
        paper.line_of(version.changes, 10, after=1)
        changes = what_changed(before, version)
        if changes:
            _table(paper, ("What", "Before", "Now"), changes)
    _signatures(paper, version)
    if paper.lossy:
        paper.ln(4)
        paper.line_of(
            "Some letters cannot be printed here: they stand as their nearest plain letters, or as a question mark. "
            "The page of this agreement shows them as they were written.", 9,
        )  # fmt: skip
    return bytes(paper.output())


def _heading(paper: _Paper, text: str) -> None:
    paper.ln(3)
    if paper.will_page_break(24):
        paper.add_page()
    paper.line_of(text, 13, bold=True, after=1)


def _section(paper: _Paper, section: Section) -> None:
    _heading(paper, section.heading)
    if section.columns:
        if not section.rows:
            paper.line_of(section.nothing, 10)
            return
        rows = [[column.text(column.of(row)) for column in section.columns] for row in section.rows]
        _table(paper, [column.heading for column in section.columns], rows)
        return
    paper.set_font(FONT, size=10)
    pairs = [(label, words or wording.NOT_RECORDED) for label, words in section.pairs]
    _rows(paper, None, pairs, widths=(LABEL_WIDTH, paper.epw - LABEL_WIDTH), borders=TableBordersLayout.NONE)


def _table(paper: _Paper, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    paper.set_font(FONT, size=9)
    _rows(paper, headings, rows, borders=TableBordersLayout.HORIZONTAL_LINES)


def _rows(
    paper: _Paper, headings: Sequence[str] | None, rows: Sequence[Sequence[str]], *, borders: TableBordersLayout,
    widths: Sequence[float] | None = None,
) -> None:  # fmt: skip
    with paper.table(
        col_widths=widths, borders_layout=borders, text_align="LEFT", first_row_as_headings=headings is not None,
        headings_style=FontFace(emphasis="BOLD"), line_height=5, padding=1,
    ) as table:  # fmt: skip
        for cells in [headings, *rows] if headings is not None else rows:
            table.row([paper.words(cell) for cell in cells])


def _signatures(paper: _Paper, version: AgreementVersion) -> None:
    if paper.will_page_break(60):
        paper.add_page()
    _heading(paper, "Signatures")
    for whose, name in (
        ("the authority", version.authority_signatory),
        ("the provider", version.provider_signatory),
    ):
        paper.ln(6)
        paper.line_of(f"For {whose}{f': {name}' if name else ''}", 10, after=6)
        paper.line_of("Signed ______________________________    Date ____________________", 10)

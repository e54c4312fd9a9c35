"""A printable document: headings, lines, pairs and tables on A4, with its name and page at the foot.

The core fonts are used, which every reader of such files has: they hold Western European letters. Other letters are
written with their nearest plain ones, what has none becomes a question mark, and the document says so.
"""

import unicodedata
from collections.abc import Iterable, Sequence

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from .. import wording

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


class Paper(FPDF):
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

    def heading(self, text: str) -> None:
        self.ln(3)
        if self.will_page_break(24):
            self.add_page()
        self.line_of(text, 13, bold=True, after=1)

    def table_of(self, headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float] = ()) -> None:
        self.set_font(FONT, size=9)
        self._rows(headings, rows, borders=TableBordersLayout.HORIZONTAL_LINES, widths=widths or None)

    def pairs(self, pairs: Iterable[tuple[str, str | None]]) -> None:
        self.set_font(FONT, size=10)
        rows = [(label, words or wording.NOT_RECORDED) for label, words in pairs]
        widths = (LABEL_WIDTH, self.epw - LABEL_WIDTH)
        self._rows(None, rows, widths=widths, borders=TableBordersLayout.NONE)

    def _rows(
        self, headings: Sequence[str] | None, rows: Sequence[Sequence[str]], *, borders: TableBordersLayout,
        widths: Sequence[float] | None = None,
    ) -> None:  # fmt: skip
        with self.table(
            col_widths=widths, borders_layout=borders, text_align="LEFT", first_row_as_headings=headings is not None,
            headings_style=FontFace(emphasis="BOLD"), line_height=5, padding=1,
        ) as table:  # fmt: skip
            for cells in [headings, *rows] if headings is not None else rows:
                table.row([self.words(cell) for cell in cells])

    def say_what_is_lost(self, what: str) -> None:
        """A last line where a letter could not be printed."""
        if self.lossy:
            self.ln(4)
            self.line_of(
                "Some letters cannot be printed here: they stand as their nearest plain letters, or as a question "
                f"mark. The page of {what} shows them as they were written.", 9,
            )  # fmt: skip

"""The link to the questions on one sheet of paper, to give to a young person. It holds no name."""

from datetime import date, timedelta

import qrcode

from commissioning.kernel import wording
from commissioning.kernel.exports.paper import Paper

SIDE = 60.0  # millimetres


def slip_pdf(*, council: str, address: str, last_day: date) -> bytes:
    """`last_day`: the day before which the link ends."""
    paper = Paper("My home. Free help at any time: Childline 0800 1111. In danger: 999")
    paper.set_title("How is my home?")
    paper.set_lang("en-GB")
    paper.add_page()
    paper.line_of("How is my home?", 24, bold=True, after=3)
    paper.line_of(
        f"{council} council wants to know how your home is for you. It takes about five minutes.", 13, after=2
    )
    paper.line_of("You choose what to answer. We do not ask your name.", 13, after=4)
    paper.line_of("Point a phone's camera at this square:", 13, bold=True, after=2)
    _square(paper, address)
    paper.line_of("Or type this:", 13, bold=True, after=1)
    paper.line_of(address, 13, after=4)
    paper.line_of(f"It opens once, until {wording.day(last_day - timedelta(days=1))}.", 13, after=2)
    paper.line_of(
        "If you say that you do not feel safe, we tell a person at once, and they will help you.", 13, after=2
    )  # fmt: skip
    paper.line_of("Help now: Childline 0800 1111, free, day or night. In danger: 999.", 13, bold=True)
    return bytes(paper.output())


def _square(paper: Paper, address: str) -> None:
    code = qrcode.QRCode(border=2)
    code.add_data(address)
    rows = code.get_matrix()
    size, left, top = SIDE / len(rows), paper.l_margin, paper.get_y()
    paper.set_fill_color(0)
    for down, row in enumerate(rows):
        for along, dark in enumerate(row):
            if dark:
                paper.rect(left + along * size, top + down * size, size, size, style="F")
    paper.set_y(top + SIDE + 4)

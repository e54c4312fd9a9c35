"""The tables of the answers, for page and workbook alike."""

from collections.abc import Callable
from typing import Any

from commissioning.kernel.tables import Column, Table
from commissioning.kernel.wording import Withheld

from ..measures.foi import Answer, Line
from .foi_words import FEES, HOW, QUESTIONS

WHY = Withheld("1 to 7 children stand behind it, or it would give away a figure that they stand behind.")
LABELS = {"placements": ("Kind of home",), "route": ("How it was bought",), "provider": ("Provider",),
          "recovered": ("Kind of home",)}  # fmt: skip
FIGURES = {
    "homes": "Homes", "lowest": "Lowest", "highest": "Highest", "mean": "Mean", "children": "Children",
    "nights": "Nights", "gross": "Gross cost", "housing": "From housing benefit", "others": "From other funders",
    "net": "Net cost", "lived": "Lived in during the period", "began": "Began in it", "there": "On the last day",
}  # fmt: skip
WEEKLY = ("lowest", "highest", "mean")
POUNDS = ("gross", "housing", "others", "net")


def columns(answer: Answer) -> list[Column]:
    heads = LABELS.get(answer.key, ("Age", "Level"))
    return [
        *(Column(f"label_{place}", head, value=_label(place), missing="") for place, head in enumerate(heads)),
        *(_figure(name) for name in answer.whole.figures),
    ]


def _label(place: int) -> Callable[[Line], str]:
    return lambda line: line.labels[place] if place < len(line.labels) else ""


def _figure(name: str) -> Column:
    def value(line: Line) -> Any:
        found = line.figures[name]
        return WHY if found is None else found

    if name in WEEKLY or name in POUNDS:
        unit = "£ a week" if name in WEEKLY else "£"
        return Column(name, FIGURES[name], value=value, kind="money", unit=unit)
    return Column(name, FIGURES[name], value=value, kind="number")


def table(answer: Answer) -> Table:
    return Table(
        columns(answer), answer.lines, QUESTIONS[answer.key], per_page=None, footer=answer.whole, caption_hidden=True,
        cards=False, noun=("line", "lines"),
    )  # fmt: skip


def how(key: str) -> str:
    return HOW["fostering"] if key in FEES else HOW["route"] if key == "provider" else HOW[key]

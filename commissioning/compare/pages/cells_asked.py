"""Cells in addresses: how the values of a cut's dimensions are written in a query, on pages and in the API alike."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commissioning.partnership.models import Lot, PriceLine, Statement
from providers.models import Provider

from ..measures.benchmark import Names, Values
from ..rules.catalogue import CUTS

NONE = "none"  # a level that is not told, a judgement that is not yet made


class NoSuchCell(ValueError):
    """What was asked for is no value of the dimension."""


def written(cut: str, values: Values, names: Names) -> dict[str, str]:
    """Dimension -> its value as an address has it: codes, and public ids of lots, price lines and providers."""
    found = {}
    for name, value in zip(CUTS[cut].dimensions, values, strict=True):
        match name:
            case "market":
                kind, what, service = value
                found[name] = str(names.lots[what].uuid) if kind == "lot" else f"{what}:{service}"
            case "provider" | "owner":
                found[name] = str(names.provider_ids[value])
            case "statement":
                found[name] = str(names.statements[value].uuid)
            case "price_line":
                found[name] = str(names.lines[value].uuid)
            case _:
                found[name] = str(value) or NONE
    return found


def read(cut: str, asked: Mapping[str, str]) -> Values:
    """The values of the cut's dimensions from an address. NoSuchCell where one is missing or unknown."""
    values: list[Any] = []
    for name in CUTS[cut].dimensions:
        text = asked.get(name, "")
        match name:
            case "market":
                values.append(_market(text))
            case "provider" | "owner":
                values.append(_key(Provider, text))
            case "statement":
                values.append(_key(Statement, text))
            case "price_line":
                values.append(_key(PriceLine, text))
            case _:
                if not text:
                    raise NoSuchCell(f"{name} is missing")
                values.append("" if text == NONE else text)
    return tuple(values)


def _market(text: str) -> tuple[str, Any, str]:
    if ":" in text:
        route, _, service = text.partition(":")
        return ("outside", route, service)
    return ("lot", _key(Lot, text), "")


def _key(model: Any, text: str) -> int:
    try:
        found = model.objects.filter(uuid=UUID(text)).values_list("pk", flat=True).first()
    except ValueError:
        found = None
    if found is None:
        raise NoSuchCell(f"there is no such {model._meta.verbose_name}")
    return found

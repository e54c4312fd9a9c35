"""Invented partnerships as plain rows, and the same rows as the columns that rules/figures.py takes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np

from commissioning.compare.rules.cells import NOWHERE, PARTS, Records

NAMES = ("service", "market", "route", "age", "level", "provider", "judgement", "price_line", "statement", "owner")


@dataclass
class Row:
    """`amount`: ten-thousandths of a pound or of an hour; None where it is not known."""

    authority: int
    child: int
    provider: Any
    amount: int | None
    dims: dict[str, Any]
    values: dict[str, int] = field(default_factory=dict)
    key: str = ""


def columns(rows: Sequence[Row]) -> Records:
    codes, labels = {}, {}
    for name in NAMES:
        found = sorted({row.dims[name] for row in rows if row.dims.get(name) is not None}, key=str)
        place = {value: code for code, value in enumerate(found)}
        labels[name] = found
        codes[name] = np.array([place.get(row.dims.get(name), NOWHERE) for row in rows])
    return Records(
        authority=np.array([row.authority for row in rows]),
        child=np.array([row.child for row in rows]),
        provider=np.array([crc32(str(row.provider).encode()) for row in rows]),
        row=[row.key or str(number) for number, row in enumerate(rows)],
        amount=np.array([row.amount or 0 for row in rows], dtype=np.int64),
        known=np.array([row.amount is not None for row in rows]),
        dims=codes,
        labels=labels,
        values={name: np.array([row.values[name] for row in rows]) for name in sorted(rows[0].values)},
    )


SERVICES = {"fostering": 900, "residential": 4500, "supported": 1100}


def homes(seed: int, *, authorities: int, n: int, refunds: bool = False, group: int = 5) -> list[Row]:
    """Homes of a partnership: authorities of unlike sizes, lots and spot, a long tail of providers, children that
    moved, price lists that some homes keep to exactly."""
    chance = random.Random(seed)
    sizes = [1 + chance.random() * 4 for _ in range(authorities)]
    lots = {service: [f"{service}-{k}" for k in range(chance.randint(1, 2))] for service in SERVICES}
    rows = []
    for number in range(n):
        service = chance.choices(list(SERVICES), [5, 3, 2])[0]
        route = chance.choices(["framework", "spot", "block", "in_house"], [6, 4, 1, 1])[0]
        market = ("lot", chance.choice(lots[service]), "") if route == "framework" else ("outside", route, service)
        level = chance.choices(["standard", "enhanced", "specialist"], [6, 3, 1])[0]
        age = chance.choice(["0 to 4", "5 to 10", "11 to 15"]) if service == "fostering" else "all ages"
        provider = int(chance.paretovariate(0.8)) % 14 if route != "in_house" else None
        listed = SERVICES[service] + {"standard": 0, "enhanced": 200, "specialist": 700}[level]
        pounds = listed if chance.random() < 0.4 else max(100, round(chance.gauss(listed, listed / 5)))
        if refunds and chance.random() < 0.05:
            pounds = -pounds // 10
        authority = chance.choices(range(authorities), sizes)[0]
        child = authority * 100_000 + (number if chance.random() < 0.85 else chance.randint(0, number))
        nights = chance.randint(1, 365)
        additional = chance.choice([0, 0, 50, 120, 300])
        dims = {
            "service": service, "market": market, "route": route, "age": age, "level": level, "provider": provider,
            "judgement": ["good", "outstanding", "requires_improvement", ""][(provider or 0) % 4], "price_line": None,
        }  # fmt: skip
        values = {
            "weekly": pounds * PARTS, "additional": min(additional, max(pounds, 0)) * PARTS, "nights": nights,
            "gross": pounds * nights * PARTS // 7,
        }  # fmt: skip
        rows.append(Row(authority, child, provider, pounds * PARTS, dims, values, key=f"h{number}"))
    return rows


def lines(seed: int, *, authorities: int, n: int) -> list[Row]:
    chance = random.Random(seed)
    rows = []
    for number in range(n):
        line, provider, authority = chance.randint(1, 4), chance.randint(1, 6), chance.randrange(authorities)
        pounds = 500 + 100 * line + 10 * provider
        dims = {"price_line": line, "provider": provider, "service": "fostering"}
        rows.append(Row(authority, authority * 100_000 + number, provider, pounds * PARTS, dims, key=f"l{number}"))
    return rows


def searches(seed: int, *, authorities: int, n: int) -> list[Row]:
    """Providers asked: many for one child, some of whom answer, offer and are chosen."""
    chance = random.Random(seed)
    rows = []
    for number in range(n):
        service = chance.choice(["fostering", "residential"])
        authority, provider = chance.randrange(authorities), chance.randint(1, 8)
        answered = chance.random() < 0.8
        offered = answered and chance.random() < 0.5
        chosen = offered and chance.random() < 0.4
        market = ("lot", f"{service}-0", "") if chance.random() < 0.8 else ("outside", "spot", service)
        hours = round(chance.expovariate(1 / 30) * PARTS) if answered else None
        values = {"asked": 1, "answered": int(answered), "offered": int(offered), "chosen": int(chosen)}
        route = "" if market[0] == "lot" else "spot"
        dims = {"service": service, "market": market, "provider": provider, "route": route}
        child = authority * 100_000 + number // 3
        rows.append(Row(authority, child, provider, hours, dims, values, key=f"s{number}"))
    return rows


def voices(seed: int, *, authorities: int, n: int, statements: int = 2) -> list[Row]:
    """Answers: most agree; several of one child; providers with an owner and without; in one place all agree."""
    chance = random.Random(seed)
    rows = []
    for number in range(n):
        service, authority = chance.choice(["residential", "supported"]), chance.randrange(authorities)
        provider = chance.randint(1, 8)
        market = ("lot", f"{service}-0", "") if chance.random() < 0.6 else ("outside", "spot", service)
        child = authority * 100_000 + (number if chance.random() < 0.8 else chance.randint(0, number))
        for statement in range(1, statements + 1):
            agrees = provider == 3 or chance.random() < 0.6
            dims = {
                "service": service,
                "market": market,
                "provider": provider,
                "statement": statement,
                "route": "" if market[0] == "lot" else "spot",
                "owner": None if provider > 6 else provider % 2,
            }
            values = {"said": 1, "agrees": int(agrees), "others": int(not agrees)}
            rows.append(Row(authority, child, provider, PARTS, dims, values, key=f"v{number}-{statement}"))
    return rows


def partnership(seed: int, *, authorities: int, n: int, refunds: bool = False) -> dict[str, list[Row]]:
    return {
        "homes": homes(seed, authorities=authorities, n=n, refunds=refunds),
        "lines": lines(seed, authorities=authorities, n=n // 3),
        "searches": searches(seed, authorities=authorities, n=n),
        "voices": voices(seed, authorities=authorities, n=n),
    }

"""The authorities of England, their dated codes and other spellings, from the room's code lists."""

import csv
from datetime import date
from pathlib import Path

from ..models import Authority, AuthorityCode, AuthorityName, AuthoritySuccession
from ..rules.names import fold_authority

CODES = Path(__file__).resolve().parent.parent / "codes"


def load_authorities() -> int:
    """Adds what is missing and leaves the rest; the caller acts as a service. Returns how many are known."""
    rows = _read("authorities.csv")
    known = {authority.slug: authority for authority in Authority.objects.all()}
    known |= _make_authorities(rows, known)
    codes = set(AuthorityCode.objects.values_list("ons_code", flat=True))
    AuthorityCode.objects.bulk_create(
        AuthorityCode(
            authority=known[row["authority"]],
            ons_code=row["ons_code"],
            starts_on=_day(row["starts_on"]),
            ends_before=_day(row["ends_before"]),
        )
        for row in rows
        if row["ons_code"] not in codes
    )
    _make_successions(rows, known)
    _make_names(rows, known)
    return len(known)


def _make_authorities(rows: list[dict[str, str]], known: dict[str, Authority]) -> dict[str, Authority]:
    spans: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        spans.setdefault(row["authority"], []).append(row)
    fresh = []
    for slug, parts in spans.items():
        if slug in known:
            continue
        last = parts[-1]
        fresh.append(
            Authority(
                slug=slug,
                name=last["name"],
                kind=last["kind"],
                dfe_number=last["dfe_number"],
                region_code=last["region_code"],
                region=last["region"],
                starts_on=_day(parts[0]["starts_on"]),
                ends_before=_day(last["ends_before"]),
            )
        )
    return {authority.slug: authority for authority in Authority.objects.bulk_create(fresh)}


def _make_successions(rows: list[dict[str, str]], known: dict[str, Authority]) -> None:
    of_code = {row["ons_code"]: known[row["authority"]] for row in rows}
    pairs = {
        (known[row["authority"]], of_code[code])
        for row in rows
        for code in row["successor_ons_codes"].split(";")
        if code and of_code[code] != known[row["authority"]]
    }
    have = set(AuthoritySuccession.objects.values_list("predecessor_id", "successor_id"))
    AuthoritySuccession.objects.bulk_create(
        AuthoritySuccession(predecessor=old, successor=new)
        for old, new in sorted(pairs, key=lambda pair: (pair[0].pk, pair[1].pk))
        if (old.pk, new.pk) not in have
    )


def _make_names(rows: list[dict[str, str]], known: dict[str, Authority]) -> None:
    of_code = {row["ons_code"]: known[row["authority"]] for row in rows}
    wanted = {(fold_authority(authority.name), authority.pk) for authority in known.values()}
    wanted |= {(fold_authority(row["name"]), of_code[row["ons_code"]].pk) for row in _read("authority_names.csv")}
    wanted -= set(AuthorityName.objects.values_list("folded_name", "authority_id"))
    AuthorityName.objects.bulk_create(
        AuthorityName(authority_id=authority_id, folded_name=name) for name, authority_id in sorted(wanted)
    )


def _read(name: str) -> list[dict[str, str]]:
    with (CODES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None

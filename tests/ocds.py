"""The standard's own schema where its files are beside the repository, and what we ask of a package everywhere."""

import json
from copy import deepcopy
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

from tests.world import shared_data

ABSENT = "shared data is not beside the repository: the standard's schema is there"
EXAMPLES = (
    "example_framework_closed_single_award", "example_framework_open_multiple_award",
    "example_framework_open_multiple_first_stage", "example_framework_open_multiple_second_stage",
)  # fmt: skip


def folder() -> Path | None:
    found = shared_data()
    return found / "ocds" if found and (found / "ocds").is_dir() else None


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


@cache
def validators() -> tuple[Draft4Validator, Draft4Validator]:
    """(of a package, of a release with both extensions merged)."""
    place = folder()
    assert place is not None
    release = json.loads((place / "release-schema-1__1__5.json").read_text())
    for extension in ("lots", "techniques"):
        release = merged(release, json.loads((place / f"{extension}_extension__release-schema.json").read_text()))
    package = json.loads((place / "release-package-schema-1__1__5.json").read_text())
    package["properties"]["releases"]["items"] = {}
    checker = Draft4Validator.FORMAT_CHECKER
    return Draft4Validator(package, format_checker=checker), Draft4Validator(release, format_checker=checker)


def errors_in(package: dict[str, Any]) -> list[str]:
    of_package, of_release = validators()
    found = [f"{list(e.path)}: {e.message}" for e in of_package.iter_errors(package)]
    for release in package["releases"]:
        found += [f"{release['id']} {list(e.path)}: {e.message}" for e in of_release.iter_errors(release)]
    return found


def problems_of(package: dict[str, Any]) -> list[str]:
    """What must hold of every package of ours, whether the standard's schema is at hand or not: what it asks for is
    there, ids are told once, whoever is referred to is a party, and what belongs together is told together."""
    found = [f"package has no {name}" for name in ("uri", "version", "publisher", "publishedDate") if not package[name]]
    ids = [release["id"] for release in package["releases"]]
    found += [f"{each} twice" for each in set(ids) if ids.count(each) > 1]
    awards: dict[str, set[str]] = {}
    parties: dict[str, set[str]] = {}
    lots: dict[str, set[str]] = {}
    for release in package["releases"]:
        ocid = release["ocid"]
        found += [
            f"{release['id']} has no {name}" for name in ("ocid", "date", "tag", "initiationType") if not release[name]
        ]
        datetime.fromisoformat(release["date"])
        for party in release.get("parties", ()):
            parties.setdefault(ocid, set()).add(party["id"])
            if party["id"] != f"{party['identifier']['scheme']}-{party['identifier']['id']}":
                found.append(f"{party['id']} is not its identifier")
        tender = release.get("tender", {})
        lots.setdefault(ocid, set()).update(lot["id"] for lot in tender.get("lots", ()))
        award_ids = {award["id"] for award in release.get("awards", ())}
        awards.setdefault(ocid, set()).update(award_ids)
        referred = [tender.get("procuringEntity"), release.get("buyer")]
        referred += [supplier for award in release.get("awards", ()) for supplier in award.get("suppliers", ())]
        found += [f"{who['id']} is no party" for who in referred if who and who["id"] not in parties.get(ocid, ())]
        if not release.get("relatedProcesses"):
            found += [
                f"lot {lot} is not told" for award in release.get("awards", ())
                for lot in award.get("relatedLots", ()) if lot not in lots[ocid]
            ]  # fmt: skip
        found += [
            f"{contract['id']} is of no award" for contract in release.get("contracts", ())
            if contract["awardID"] not in awards[ocid]
        ]  # fmt: skip
    ocids = set(parties)
    for release in package["releases"]:
        for related in release.get("relatedProcesses", ()):
            if related["identifier"] not in ocids:
                found.append(f"{related['identifier']} is called off from and not told")
            elif not set(related["relatedLots"]) <= lots[related["identifier"]]:
                found.append(f"{release['id']} is of no lot of its framework")
    return found


def without_moment(package: dict[str, Any]) -> dict[str, Any]:
    made = deepcopy(package)
    del made["publishedDate"]
    return made

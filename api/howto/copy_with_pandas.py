"""Keeps a copy of lists of the partnership's API: whole the first time, and then each night what has changed.

    export COMMISSIONING_API=https://HOST/api/v1/     the address, to /api/v1/
    export COMMISSIONING_KEY=...                      a key that reads the lists; from your scheduler's secrets
    python copy_with_pandas.py FOLDER rates placements spend
    python copy_with_pandas.py FOLDER rates placements spend --check      once a week: hold the copy against the lists

For each list the folder holds one file, NAME.json: its rows and the watermark that the next night begins with. It is
replaced when everything has been read, so that a night that is cut off leaves the one before. In Python:

    from copy_with_pandas import frame
    rates = frame("FOLDER", "rates")                  a DataFrame: dates, whole numbers, and money as Decimal

Needs Python 3.10, and pandas for the last. Exit 0: all kept; 1: a check found the copy wrong, and put it right; 2: not
read.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode, urlsplit

TRIES = 6
LONGEST_WAIT = 300  # seconds


class Refused(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status}: {problem.get('detail', '')} {problem.get('remedy', '')}")
        self.status = status


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key goes to the address that it is for, and nowhere else."""

    def redirect_request(self, *told):
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def address():
    return os.environ["COMMISSIONING_API"].rstrip("/") + "/"


def read(url):
    """The JSON at an address. A service that is busy is asked again when it says, or after a while."""
    if urlsplit(url)[:2] != urlsplit(address())[:2]:
        raise Refused(0, {"detail": f"{url} is not an address of {address()}."})
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {os.environ['COMMISSIONING_KEY']}"})
    attempt = 0
    while True:
        try:
            with OPENER.open(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            said = error.read()
            if error.code not in (429, 502, 503, 504) or attempt == TRIES:
                told = json.loads(said) if "json" in error.headers.get("Content-Type", "") else {}
                raise Refused(error.code, told) from None
            wait = error.headers.get("Retry-After", "")
            time.sleep(min(int(wait) if wait.isdigit() else 2**attempt, LONGEST_WAIT))
            attempt += 1


def pages(name, since=None):
    asked = {"limit": 1000} | ({"updated_since": since} if since else {})
    url = f"{address()}{name}/?{urlencode(asked)}"
    while url:
        page = read(url)
        yield page
        url = page["next"]


def whole(name):
    """(rows by id, watermark) of a list from its first page to its last. No watermark: the list is worked out each
    time it is asked, and is read whole each time."""
    held, watermark = {}, None
    for page in pages(name):
        held |= {row["id"]: row for row in page["results"]}
        watermark = page.get("watermark")
    return held, watermark


def changed(name, held, since):
    """The same after what has changed since: rows are put in place, removals taken away, in the order told."""
    watermark = since
    for page in pages(name, since):
        for row in page["results"]:
            if not row.get("deleted"):
                held[row["id"]] = row
            elif row["removes"] == "framework":
                held = {key: kept for key, kept in held.items() if kept.get("framework") != row["id"]}
            else:
                held.pop(row["id"], None)
        watermark = page["watermark"]
    return held, watermark


def kept(folder, name):
    file = Path(folder) / f"{name}.json"
    if not file.exists():
        return {}, None
    told = json.loads(file.read_text(encoding="utf-8"))
    return {row["id"]: row for row in told["rows"]}, told["watermark"]


def keep(folder, name, held, watermark):
    Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)  # it may tell of children: yours alone
    new = Path(folder) / f"{name}.json.new"
    told = {"watermark": watermark, "rows": list(held.values())}
    new.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    new.replace(Path(folder) / f"{name}.json")


def night(folder, name):
    """Brings one list up to date. (rows now, rows before)"""
    held, watermark = kept(folder, name)
    before = len(held)
    try:
        held, watermark = changed(name, held, watermark) if watermark else whole(name)
    except Refused as refused:
        if refused.status != 400 or not watermark:
            raise
        print(f"{name}: {refused} Read whole again.", file=sys.stderr)  # a watermark of before a restore
        held, watermark = whole(name)
    keep(folder, name, held, watermark)
    return len(held), before


def check(folder, name):
    """Holds the copy against the list, row for row, and takes the list's where they differ. What differs because it
    changes meanwhile is told by the next changes of both."""
    held, since = kept(folder, name)
    fresh, watermark = whole(name)
    for _ in range(3):
        if held == fresh or watermark is None:
            break
        held, since = changed(name, held, since)
        fresh, watermark = changed(name, fresh, watermark)
    keep(folder, name, fresh, watermark)
    wrong = sorted(key for key in held.keys() | fresh.keys() if held.get(key) != fresh.get(key))
    print(f"{name}: checked, {len(fresh)} rows" + (f"; these were wrong: {', '.join(wrong)}" if wrong else ""))
    return not wrong


def frame(folder, name):
    """The rows that are kept, as a DataFrame by id, each column as the API's description says it is."""
    import pandas as pd

    held, _ = kept(folder, name)
    table = pd.DataFrame(held.values(), dtype=object)
    if table.empty:
        return table
    for column, told in fields(name).items():
        if column not in table:
            continue
        kinds = told.get("type", "object")
        if told.get("format") in ("date", "date-time"):
            table[column] = pd.to_datetime(table[column], format="ISO8601")
        elif told.get("format") == "decimal":
            table[column] = table[column].map(Decimal, na_action="ignore")
        elif "integer" in kinds:
            table[column] = table[column].astype("Int64")
        elif "boolean" in kinds:
            table[column] = table[column].astype("boolean")
    return table.set_index("id")


def fields(name):
    """What the description says of the fields of a list's rows."""
    told = read(f"{address()}schema/")
    components = told["components"]["schemas"]
    answer = told["paths"][f"{urlsplit(address()).path}{name}/"]["get"]["responses"]["200"]
    page = components[answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    row = components[page["properties"]["results"]["items"]["$ref"].rpartition("/")[2]]
    if "oneOf" in row:  # in a delta a row may be a removal
        row = components[row["oneOf"][0]["$ref"].rpartition("/")[2]]
    return row["properties"]


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder")
    asked.add_argument("lists", nargs="+", metavar="list")
    asked.add_argument("--check", action="store_true")
    given = asked.parse_args()
    right = True
    try:
        for name in given.lists:
            now, before = night(given.folder, name)
            print(f"{name}: {now} rows, {before} before")
            right &= not given.check or check(given.folder, name)
    except KeyError as missing:
        print(f"Set {missing}.", file=sys.stderr)
        return 2
    except (Refused, OSError) as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        return 2
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())

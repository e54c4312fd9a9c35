"""The how-tos, run as their readers run them: pandas and R against a live server, night after night; the queries of
Power BI and Excel for their brackets and for what they name."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from api.howto import FOLDER, files
from api.schema import document
from commissioning.partnership.models import Participation
from contracts.actions.cost_lines import add_cost_line
from providers.models import Provider, Rate

from .conftest import award, bearer, officer, service
from .test_walks import settle
from .walk import V1, rows

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)
PANDAS, R = FOLDER / "copy_with_pandas.py", FOLDER / "copy_with_r.R"
LISTS = ("rates", "placements", "cost-lines", "spend")
RSCRIPT = shutil.which("Rscript")


@pytest.fixture
def nights(live_server, market, lewisham, tmp_path):
    """nights(command) -> runs it once, as a scheduler does, with address and key from the environment alone."""
    key = bearer(lewisham)
    environment = os.environ | {
        "COMMISSIONING_API": f"{live_server.url}/api/v1/",
        "COMMISSIONING_KEY": key["Authorization"].removeprefix("Bearer "),
        "TZ": "UTC",
    }

    def run(*command, **more):
        settle()
        done = subprocess.run(
            [*map(str, command)], env=environment | more, capture_output=True, text=True, timeout=120, cwd=tmp_path
        )
        return done.returncode, done.stdout, done.stderr

    run.key = key
    return run


def a_day_of_work(market, southwark, lewisham):
    """Edits, additions and removals on Southwark's framework, and of what Lewisham buys."""
    with officer(southwark):
        Rate.objects.filter(provider=market.alder, price_line=market.ours.lines[0]).update(amount="801.0000")
        Rate.objects.filter(provider=market.birch, price_line=market.ours.lines[1]).delete()
    with officer(lewisham):
        placement = market.bought["lewisham"].placement
        add_cost_line(
            placement=placement, amount=12, starts_on=date(2025, 7, 1), ends_before=date(2025, 9, 3), by=None,
            category="additional", service="therapy", description="more", approved_by="a panel",
            approved_on=date(2025, 7, 1), review_on=date(2025, 8, 1),
        )  # fmt: skip
    with service():
        cedar = Provider.objects.create(name="Cedar ünd £5", folded_name="cedar")
    award(market.ours, cedar, amounts=("1.5", "2.25"))


def leave(market, southwark, lewisham):
    """Lewisham's part in Southwark's framework ends, and Alder's rates there begin after it."""
    with officer(southwark):
        ours = {"framework": market.ours.framework}
        Participation.objects.filter(**ours, authority=lewisham).update(ends_before=date(2025, 5, 1))
        Rate.objects.filter(**ours, provider=market.alder).update(starts_on=date(2026, 4, 1))


def withdraw(market, southwark, lewisham):
    """Lewisham never took part: what it holds of that framework goes by the framework's name alone."""
    with officer(southwark):
        Participation.objects.filter(framework=market.ours.framework, authority=lewisham).delete()


def view(client, key, name):
    return sorted(rows(client, f"{V1}/{name}/?limit=1000", key), key=lambda row: row["id"])


def test_pandas_keeps_a_copy_equal_row_for_row(nights, client, market, southwark, lewisham, tmp_path):
    copy = tmp_path / "copy"

    def night(*more):
        return nights(sys.executable, PANDAS, copy, *LISTS, *more)

    def held(name):
        return sorted(json.loads((copy / f"{name}.json").read_text())["rows"], key=lambda row: row["id"])

    status, said, _ = night()
    assert (status, said.splitlines()[0]) == (0, "rates: 8 rows, 0 before")
    a_day_of_work(market, southwark, lewisham)
    status, said, _ = night()
    assert (status, said.splitlines()[0]) == (0, "rates: 9 rows, 8 before")
    for name in LISTS:
        assert held(name) == view(client, nights.key, name), name
    leave(market, southwark, lewisham)
    status, said, complaint = night("--check")
    assert (status, complaint) == (0, ""), said
    assert "rates: checked, 7 rows\n" in said
    for name in LISTS:
        assert held(name) == view(client, nights.key, name), name
    assert {row["amount"] for row in held("rates")} == {"1.5000", "2.2500", "712.5000", "845.2500"}
    assert copy.stat().st_mode & 0o077 == 0
    withdraw(market, southwark, lewisham)
    assert night()[1].splitlines()[0] == "rates: 4 rows, 7 before"
    assert held("rates") == view(client, nights.key, "rates")

    # A copy that somebody spoiled, and a watermark that the service never gave out.
    told = json.loads((copy / "rates.json").read_text())
    spoiled = told["rows"].pop()["id"]
    (copy / "rates.json").write_text(json.dumps(told))
    status, said, _ = nights(sys.executable, PANDAS, copy, "rates", "--check")
    assert (status, spoiled in said) == (1, True)
    (copy / "rates.json").write_text(json.dumps({"watermark": "9" * 18, "rows": []}))
    status, said, complaint = nights(sys.executable, PANDAS, copy, "rates")
    assert (status, "Read whole again" in complaint) == (0, True)
    assert held("rates") == view(client, nights.key, "rates")

    status, said, complaint = nights(sys.executable, PANDAS, copy, "rates", COMMISSIONING_KEY="nonsense")
    assert (status, "401" in complaint, "nonsense" in said + complaint) == (2, True, False)
    status, said, _ = nights(
        sys.executable, "-c",
        "from copy_with_pandas import frame; table = frame('copy', 'rates'); print(table.dtypes.to_dict());"
        "print(sum(table['amount']), len(table), table['starts_on'].max().date(), table.index.name)",
        PYTHONPATH=str(FOLDER),
    )  # fmt: skip
    assert status == 0
    assert "3115.5000 4 2025-04-01 id" in said
    assert all(kind in said for kind in ("datetime64", "Int64", ", UTC]"))


@pytest.mark.skipif(RSCRIPT is None, reason="no R on this system: install r-base-core and r-cran-jsonlite")
def test_r_keeps_a_copy_equal_row_for_row(nights, client, market, southwark, lewisham, tmp_path):
    copy, out = tmp_path / "copy", tmp_path / "out.json"
    write = (
        f"source('{R}'); r <- lapply(kept('copy', '%s')$rows, identity); "
        f"cat(toJSON(unname(r), auto_unbox = TRUE, null = 'null', digits = NA), file = '{out}'); "
        "f <- as_frame(r); stopifnot(nrow(f) == length(r), all(names(r[[1]]) == names(f)))"
    )

    def check():
        for name in LISTS:
            status, said, complaint = nights(RSCRIPT, "-e", write % name)
            assert status == 0, said + complaint
            held = sorted(json.loads(out.read_text()), key=lambda row: row["id"])
            assert held == view(client, nights.key, name), name

    assert nights(RSCRIPT, R, copy, *LISTS)[0] == 0
    a_day_of_work(market, southwark, lewisham)
    assert nights(RSCRIPT, R, copy, *LISTS)[1].splitlines()[0] == "rates: 9 rows, 8 before"
    leave(market, southwark, lewisham)
    status, said, complaint = nights(RSCRIPT, R, copy, *LISTS, "--check")
    assert status == 0, said + complaint
    assert "rates: checked, 7 rows" in said
    check()
    withdraw(market, southwark, lewisham)
    assert nights(RSCRIPT, R, copy, *LISTS)[1].splitlines()[0] == "rates: 4 rows, 7 before"
    check()
    status, said, complaint = nights(RSCRIPT, R, copy, "rates", COMMISSIONING_KEY="nonsense")
    assert (status, "401" in complaint, "nonsense" in said + complaint) == (2, True, False)


# --- Power Query: nothing here runs it, so what it names is looked up ---

CLOSING = {"(": ")", "[": "]", "{": "}"}
LIBRARY = {"Commissioning", "Address", "Key", "Rows", "Walk", "Changes", "Apply"}
OF_ITS_OWN = {
    # fields of records that are not rows: options, what a page and the description hold, addresses in parts
    "Name", "Content", "Column1", "RelativePath", "Query", "Headers", "Authorization", "copy_watermark", "rows",
    "components", "schemas", "paths", "get", "responses", "content", "schema", "properties", "results", "items",
    "oneOf", "next", "watermark", "cursor", "limit", "updated_since", "removes", "deleted", "id",
}  # fmt: skip


def without_words(text):
    """The code without comments, and its texts apart."""
    code = re.sub(r"//[^\n]*", "", re.sub(r'"(?:[^"]|"")*"', '""', text))
    plain = "\n".join(line.split("//")[0] if line.strip().startswith("//") else line for line in text.splitlines())
    return code, re.findall(r'"((?:[^"]|"")*)"', plain)


def is_balanced(code):
    open_now = []
    for sign in code:
        if sign in CLOSING:
            open_now.append(CLOSING[sign])
        elif sign in CLOSING.values() and (not open_now or open_now.pop() != sign):
            return False
    words = re.findall(r"\b(?:let|in)\b", code)
    return not open_now and words.count("let") == words.count("in")


QUERIES = sorted(FOLDER.glob("*.pq"))


def test_queries_are_whole_and_name_only_what_there_is():
    assert len(QUERIES) >= 4
    described = document()
    rate = described["components"]["schemas"]["Rate"]["properties"]
    asked = {each["name"] for each in described["paths"][f"{V1}/rates/"]["get"]["parameters"]}
    lists = {path.split("/")[3] for path in described["paths"]} | {"schema"}
    for file in QUERIES:
        text = file.read_text()
        code, words = without_words(text)
        assert is_balanced(code), file.name
        assert not is_balanced(code.replace("]", "", 1)) or "]" not in code
        for name in re.findall(r"\[\s*([A-Za-z_]\w*)\s*\]", code) + re.findall(r"[\[,]\s*([a-z_]\w*)\s*=(?!>)", code):
            assert name in OF_ITS_OWN | LIBRARY | rate.keys() | asked, f"{file.name}: {name}"
        for called in re.findall(r'(?:Rows|Walk|Changes)\]?\("([^"]+)"', text):
            assert called in lists
        for columns in re.findall(r"SelectColumns\(\s*\w+,\s*\{([^}]*)\}", text):
            assert set(re.findall(r'"([^"]+)"', columns)) <= rate.keys()
        assert not [word for word in words if re.search(r"https?://", word)], "an address of somebody's"
    power_bi = (FOLDER / "rates_in_power_bi.pq").read_text()
    assert re.search(r"\[in_force_on = ", power_bi)
    assert "in_force_on" in asked


def test_no_file_holds_a_key_or_an_address():
    assert {file.suffix for file in files()} == {".py", ".R", ".pq"}
    for file in files():
        text = file.read_text()
        assert not re.search(r"\b[a-z0-9]{6,}\.[A-Za-z0-9_-]{30,}", text), file.name
        assert set(re.findall(r"https?://([\w-]+)", text)) <= {"HOST"}, file.name
    for script in (PANDAS, R):
        assert {"COMMISSIONING_API", "COMMISSIONING_KEY"} <= set(re.findall(r"COMMISSIONING_\w+", script.read_text()))
    assert Path(FOLDER).name == "howto"

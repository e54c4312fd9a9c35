"""Every collection loads and goes back out as it came in, cell by cell; and leaves by the page alone."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from commissioning.kernel.models import ImportState
from contracts.measures.returns import LAYOUTS, rows_of
from contracts.models import Child, Placement, ReturnTaken
from contracts.returns import csv_of
from tests.contracts.test_placements_source import as_csv, framework, load, spot
from tests.world import send

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
FILES = Path(__file__).parent / "files"
EMPTIED = {"Home postcode", "Placement postcode"}
SENT = {
    "census_2019_jun": "census 2019-06-30.csv",
    "census_2020_dec": "census 2020-12-31.csv",
    "census_2021_mar": "census 2021-03-31.csv",
    "census_2022_mar": "census 2022-03-31.csv",
    "census_2025_dec": "census 2025-12-31.csv",
    "liia_2023": "placement costs 2024-09-30.csv",
}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def day_of(layout: str) -> date:
    return date.fromisoformat(SENT[layout].rpartition(" ")[2].removesuffix(".csv"))


def bring(world, layout: str, content: bytes | None = None):
    content = content or (FILES / SENT[layout]).read_bytes()
    run = send("placements", content, world.southwark, name=SENT[layout])
    assert run.state == ImportState.LOADED, run.message
    return run


def back(world, as_authority, layout: str) -> list[dict[str, str]]:
    with as_authority(world.southwark):
        chosen = LAYOUTS[layout]
        return table(csv_of(chosen, rows_of(chosen, day_of(layout), world.southwark)))


@pytest.mark.parametrize("layout", SENT)
def test_a_return_goes_back_out_as_it_came_in(world, as_authority, layout):
    run = bring(world, layout)
    with as_authority(world.southwark):
        assert [r.says for r in run.importremarks.filter(outcome="rejected")] == []
    sent = table((FILES / SENT[layout]).read_bytes())
    key = LAYOUTS[layout].column("identifier").heading
    ours = {row[key]: row for row in back(world, as_authority, layout)}
    assert ours.keys() == {row[key] for row in sent}
    for row in sent:
        for heading, cell in row.items():
            wanted = "" if heading in EMPTIED else cell
            assert ours[row[key]][heading] == wanted, (row[key], heading)


@pytest.mark.parametrize("layout", SENT)
def test_every_word_of_every_list_is_in_the_file(layout):
    sent = table((FILES / SENT[layout]).read_bytes())
    for column in LAYOUTS[layout].columns:
        if column.words and column.key not in ("placed_by", "gender"):
            assert {word.strip() for word in column.words} <= {row[column.heading] for row in sent}, column.heading


@pytest.mark.parametrize("layout", SENT)
def test_the_same_return_twice_changes_nothing(world, layout):
    bring(world, layout)
    again = bring(world, layout)
    assert (again.facts_added, again.facts_changed, again.facts_removed) == (0, 0, 0)

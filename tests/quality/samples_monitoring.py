"""Rows on which the routes of monitoring are tried (tests/permissions.py)."""

from tests.permissions import Sample

SAMPLES = {
    "interval-change": Sample(lambda cast: {"service": "residential"}, why="each authority changes its own days"),
}

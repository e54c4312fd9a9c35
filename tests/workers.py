"""Which tests go to which worker: those of a file together, so that what is built for a file is built once. The long
ones begin, so that no worker is left alone with one at the end."""

from typing import Any

import pytest

LONG = (
    "tests/browser/test_every_page.py",
    "tests/fixtures/",
    "tests/kernel/test_layers.py",
    "tests/browser/",
    "tests/kernel/test_probe.py",
    "tests/kernel/test_tenancy.py",
)


def turn_of(test: str) -> int:
    return next((turn for turn, begins in enumerate(LONG) if test.startswith(begins)), len(LONG))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """After pytest-django has put the tests of a file in its own order."""
    items.sort(key=lambda item: turn_of(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid.partition("::")[0]

    config.option.loadscopereorder = False
    return ByFile(config, log)

"""Before Django's settings are read: the tests' own PostgreSQL cluster, never the demonstration's. Each worker but the
first has one of its own: a long transaction of one would hold back what another's may read as settled.

And Python's search for cycles of garbage, which took up to a third of the tests' time: it looked through every module,
test and model again for every few hundred objects. Now it leaves alone what collecting the tests has made, and begins
later.
"""

import gc
import os
from typing import Any

gc.set_threshold(20_000, 50, 20)

number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
os.environ["COMMISSIONING_INSTANCE"] = "test" if number == "0" else f"test-{number}"
for name in (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_RELEASE_URL",
    "DISCLOSURE",
    "DEBUG",
    "DEMONSTRATION",
    "HTTPS",
    "SECRET_KEY",
    "REFERENCE_KEY",
    "REFUSED_NETWORKS",
):
    os.environ.pop(name, None)

from commissioning.kernel import postgres  # noqa: E402

postgres.start()


def pytest_collection_finish(session: Any) -> None:
    gc.collect()
    gc.freeze()

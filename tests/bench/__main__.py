"""Runs the benchmarks on a PostgreSQL cluster of their own, which is emptied and stopped when they end."""

import os
import sys

os.environ["COMMISSIONING_INSTANCE"] = "bench"
os.environ["DJANGO_SETTINGS_MODULE"] = "commissioning.settings"
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DEBUG", "DEMONSTRATION", "HTTPS", "SECRET_KEY", "REFERENCE_KEY"):
    os.environ.pop(name, None)

os.environ["API_CALLS_OF_KEY"] = os.environ["API_CALLS_OF_AUTHORITY"] = (
    "1000000"  # what is measured is no minute's share
)

from tests.bench.run import main  # noqa: E402

sys.exit(main(sys.argv[1:]))

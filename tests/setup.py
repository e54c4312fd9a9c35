"""Before Django's settings are read: the tests' own PostgreSQL cluster, never the demonstration's."""

import os

os.environ["COMMISSIONING_INSTANCE"] = "test"
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
):
    os.environ.pop(name, None)

from commissioning.kernel import postgres  # noqa: E402

postgres.start()

#!/usr/bin/env python
"""Django's commands, for this platform."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commissioning.settings")
    if "DATABASE_URL" not in os.environ:
        from commissioning.kernel import postgres

        postgres.start()  # here, where a person gave a command; never from settings
    import django
    from django.core.management import execute_from_command_line

    from commissioning.kernel.tenancy.rights import ExcessRights, is_worker, refuse_excess_rights

    if is_worker(sys.argv):
        django.setup()
        try:
            # Before the command: a worker that started would already take jobs.
            refuse_excess_rights(makes_releases=True)
        except ExcessRights as problem:
            sys.exit(str(problem))
    execute_from_command_line(sys.argv)

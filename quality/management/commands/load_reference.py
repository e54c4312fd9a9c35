"""manage.py load_reference: the authorities of England, their codes and names; the I statements; the first visit
templates, and what young people are asked. Safe to run again."""

from typing import Any

from django.core.management.base import BaseCommand

from commissioning.kernel.tenancy.viewer import Viewer, acting_as
from commissioning.partnership.actions.load_authorities import load_authorities
from commissioning.partnership.actions.load_kpis import load_kpis
from commissioning.partnership.actions.load_statements import load_statements

from ...actions.load_surveys import load_surveys
from ...actions.load_templates import load_templates


class Command(BaseCommand):
    help = "Loads the authorities of England, their dated codes and other names, the I statements, visit templates."

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(Viewer.of_service("load_reference"), by="service:load_reference"):
            self.stdout.write(f"{load_authorities()} authorities are known.")
            self.stdout.write(f"{load_statements()} I statements are known.")
            self.stdout.write(f"{load_kpis()} KPIs are known.")
            self.stdout.write(f"{load_templates()} visit templates are known.")
            self.stdout.write(f"{load_surveys()} surveys of young people are known.")

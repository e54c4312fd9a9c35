"""What a checked release package changes, by the actions that a person's forms use. What they refuse, is rejected."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from commissioning.kernel.ingest.staging import Staging
from commissioning.kernel.tenancy.viewer import acting
from commissioning.partnership.actions.change_framework import (
    change_framework,
    change_term,
    record_event,
    take_extension,
)
from commissioning.partnership.actions.change_lots import add_lot, change_lot
from commissioning.partnership.actions.let_framework import let_framework
from commissioning.partnership.actions.take_part import join_framework, leave_framework
from commissioning.partnership.models import Authority, AuthorityCode, AuthorityName, Framework
from commissioning.partnership.rules.names import fold_authority

from ..actions.add_provider import add_provider
from ..actions.award_place import award_place, end_place
from ..models import Award, Provider
from ..rules.ocds import uuid_in

NO_REASON = "Ended as the contracting data says."


class _Row(dict):
    """A staged row by its columns."""

    def __getattr__(self, name: str) -> Any:
        return self[name]

    @property
    def until(self) -> date | None:
        """Half-open, as facts have it."""
        return self["last_day"] and self["last_day"] + timedelta(days=1)


@dataclass
class Loading:
    staging: Staging

    def run(self) -> None:
        if not self.staging.has("ocds_frameworks"):
            return
        self.by = acting().by
        self.codes = dict(AuthorityCode.objects.values_list("ons_code", "authority_id"))
        self.names = AuthorityName.objects.known_on(self.staging.today)
        for row in self._rows("frameworks"):
            framework = self._try("frameworks", row, partial(self._framework, row))
            if framework is None:
                self._leave(row.process)
                continue
            for key, bring in (
                ("buyers", self._buyer), ("options", self._option), ("events", self._event), ("lots", self._lot),
                ("places", self._place),
            ):  # fmt: skip
                for part in self._rows(key, row.process):
                    self._try(key, part, partial(self._part, bring, framework.pk, part))

    def _part(self, bring: Callable[[Framework, _Row], None], framework: int, row: _Row) -> None:
        bring(Framework.objects.get(pk=framework), row)

    def _rows(self, key: str, process: str | None = None) -> list[_Row]:
        if not self.staging.has(f"ocds_{key}"):
            return []
        names = [field.key for table in self.staging.source.tables if table.key == f"ocds_{key}" for field in
                 table.fields]  # fmt: skip
        columns = ", ".join(["sheet", "row", *names])
        rows = self.staging.rows(
            f"SELECT {columns} FROM staged_ocds_{key} WHERE ok AND (%(of)s::text IS NULL OR process = %(of)s) "
            "ORDER BY sheet, row", {"of": process},
        )  # fmt: skip
        return [_Row(zip(["sheet", "row", *names], row, strict=True)) for row in rows]

    def _try(self, key: str, row: _Row, bring: Callable[[], Any]) -> Any:
        """What `bring` gives; None where an action refused it, whose words the row is rejected with."""
        try:
            with transaction.atomic():
                return bring()
        except ValidationError as refused:
            self.staging.reject(
                f"ocds_{key}", "s.sheet = %(sheet)s AND s.row = %(row)s", "%(words)s::text", sheet=row.sheet,
                row=row.row, words=" ".join(refused.messages),
            )  # fmt: skip
            return None

    def _leave(self, process: str) -> None:
        for key in ("buyers", "options", "events", "lots", "places"):
            if self.staging.has(f"ocds_{key}"):
                self.staging.reject(
                    f"ocds_{key}", "s.ok AND s.process = %(process)s",
                    "'its framework was not taken over: see the sheet Frameworks'", process=process,
                )  # fmt: skip

    def _authority(self, text: str) -> Authority:
        found = self.codes.get(text.upper()) or self.names.get(fold_authority(text))
        if found is None:
            raise ValidationError(f"“{text}” is no authority that this platform knows, by its ONS code or its name.")
        return Authority.objects.get(pk=found)

    def _framework(self, row: _Row) -> Framework:
        identity = uuid_in(row.process)
        known = Framework.objects.filter(uuid=identity).first() if identity else None
        same = Framework.objects.filter(reference=row.reference).first()
        months = [option.months for option in self._rows("options", row.process)]
        if known is None and same is not None:
            known = same
        if known is None:
            members = [
                self._authority(buyer.authority) for buyer in self._rows("buyers", row.process)
                if buyer.starts_on == row.starts_on and self._is_known(buyer.authority)
            ]  # fmt: skip
            return let_framework(
                by=self.by, lead_authority=Authority.objects.get(pk=self.staging.authority_id), name=row.name,
                reference=row.reference, kind=row.kind, starts_on=row.starts_on, ends_before=row.until,
                extension_months=months, participants=members, uuid=identity,
            )  # fmt: skip
        if known.lead_authority_id != self.staging.authority_id:
            raise ValidationError(f"{known.name} ({known.reference}) is led by {known.lead_authority} here.")
        change_framework(
            framework=known, version=known.version, by=self.by, name=row.name, reference=row.reference, kind=row.kind,
            note=known.note,
        )  # fmt: skip
        known = Framework.objects.get(pk=known.pk)
        return change_term(
            framework=known, version=known.version, by=self.by, starts_on=row.starts_on, ends_before=row.until,
            extension_months=months,
        )  # fmt: skip

    def _is_known(self, text: str) -> bool:
        return bool(self.codes.get(text.upper()) or self.names.get(fold_authority(text)))

    def _buyer(self, framework: Framework, row: _Row) -> None:
        authority = self._authority(row.authority)
        starts_on = row.starts_on or framework.starts_on
        part = framework.participations.filter(authority=authority, starts_on=starts_on).first()
        if part is None:
            join_framework(
                framework=framework, authority=authority, starts_on=starts_on, ends_before=row.until, by=self.by
            )
        elif part.ends_before != row.until:
            if row.until is None:
                raise ValidationError(f"{authority} has left on a day that the package does not tell.")
            leave_framework(participation=part, ends_before=row.until, version=part.version, by=self.by)

    def _option(self, framework: Framework, row: _Row) -> None:
        options = list(framework.extensions.order_by("position"))
        if not 1 <= row.position <= len(options):
            raise ValidationError("The framework has no such option here.")
        option = options[row.position - 1]
        if row.taken_on is not None and option.taken_on is None:
            take_extension(extension=option, taken_on=row.taken_on, today=self.staging.today, by=self.by)
        elif option.taken_on != row.taken_on:
            raise ValidationError("The option was taken on another day here, which stays.")

    def _event(self, framework: Framework, row: _Row) -> None:
        if not framework.events.filter(kind=row.event, happens_on=row.day).exists():
            record_event(framework=framework, kind=row.event, happens_on=row.day, by=self.by)

    def _lot(self, framework: Framework, row: _Row) -> None:
        told = {
            "number": row.lot, "name": row.name, "service_type": row.service, "call_off_method": row.call_off,
            "specification": row.specification,
        }  # fmt: skip
        lot = framework.lots.filter(number=row.lot).first()
        if lot is None:
            add_lot(framework=framework, by=self.by, **told)
        else:
            change_lot(lot=lot, version=lot.version, by=self.by, **told)

    def _place(self, framework: Framework, row: _Row) -> None:
        lot = framework.lots.filter(number=row.lot).first()
        if lot is None:
            raise ValidationError(f"The framework has no lot {row.lot or 'that the award names'} here.")
        source = {"source_import_id": self.staging.run_id, "source_sheet": row.sheet, "source_row": row.row}
        provider = self._provider(row, source)
        place = Award.objects.filter(lot=lot, provider=provider, starts_on=row.starts_on).first()
        removed = row.until if row.why else None
        if place is None:
            place = award_place(
                lot=lot, provider=provider, starts_on=row.starts_on, by=self.by,
                ends_before=None if removed else row.until, uuid=_free(Award, uuid_in(row.award)), source=source,
            )  # fmt: skip
            if removed:
                end_place(award=place, ends_before=removed, reason=row.why, by=self.by)
        elif row.until is not None and place.ends_before != row.until:
            end_place(award=place, ends_before=row.until, reason=row.why or NO_REASON, by=self.by)
        # A place that ends later, or is to, stands: a package tells a removal on its day and not before.

    def _provider(self, row: _Row, source: dict[str, Any]) -> Provider:
        """By the numbers of the package, then by name; else a new one."""
        numbers = {"company_number": row.company_number or "", "charity_number": row.charity_number or ""}
        identity = uuid_in(row.own_id) if row.own_id else None
        found = Provider.objects.filter(uuid=identity).first() if identity else None
        if found is None and numbers["company_number"]:
            found = Provider.objects.filter(company_number=numbers["company_number"]).first()
        if found is None and numbers["charity_number"]:
            found = Provider.objects.filter(charity_number=numbers["charity_number"]).first()
        if found is not None:
            return found
        named = Provider.objects.called(row.provider)
        if named is None:
            return add_provider(name=row.provider, by=self.by, uuid=identity, source=source, **numbers)
        theirs = numbers["company_number"]
        if theirs and named.company_number and named.company_number != theirs:
            raise ValidationError(
                f"{named} is recorded with the company number {named.company_number}, and the package says {theirs}. "
                "Correct the one that is wrong."
            )
        return named


def _free(model: Any, identity: UUID | None) -> UUID | None:
    """The id where no row that is seen has it."""
    return None if identity is None or model.objects.filter(uuid=identity).exists() else identity

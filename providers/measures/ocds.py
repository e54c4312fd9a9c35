"""A framework as an OCDS contracting process: its releases, each dated by the facts, from the opening to its end.

Nothing is told before its day, and what a release says does not depend on the day it is asked. Free text that officers
write for each other - notes, why a provider came or went - is not in it, and no rate is.
"""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import F, Prefetch, QuerySet

from commissioning.partnership.models import Authority, AuthorityCode, Extension, Framework, FrameworkEvent, Lot
from commissioning.partnership.models import Participation as Part
from commissioning.partnership.rules.terms import runs_until

from ..models import Award, Provider
from ..rules import ocds

Told = dict[str, Any]
ENDED_EARLY = "The provider’s place on the lot ended before its term."


def with_parts(frameworks: QuerySet) -> QuerySet:
    """Everything that a framework's releases are made of, by a fixed number of queries."""
    members = with_codes()
    return frameworks.prefetch_related(
        Prefetch("lead_authority", members),
        Prefetch("extensions", Extension.objects.order_by("position")),
        Prefetch("participations", Part.objects.order_by("starts_on", "pk")),
        Prefetch("participations__authority", members),
        Prefetch("events", FrameworkEvent.objects.order_by("happens_on", "kind", "pk")),
        Prefetch("lots", Lot.objects.order_by("number")),
        Prefetch("awards", Award.objects.select_related("provider", "lot").order_by("starts_on", "pk")),
    )


def with_codes() -> QuerySet:
    """Authorities, each with its newest code first: that one is published."""
    codes = AuthorityCode.objects.order_by(F("starts_on").desc(nulls_last=True))
    return Authority.objects.prefetch_related(Prefetch("codes", codes))


def releases_of(framework: Framework, *, prefix: str, today: date) -> list[Told]:
    """In the order of their days. Empty for a framework of which nothing has happened yet."""
    process = _Process(framework, prefix)
    return [told for day, told in sorted(process.steps(), key=lambda step: step[0]) if day <= today]


def authority_party(authority: Authority) -> Told:
    code = next((each.ons_code for each in authority.codes.all()), authority.slug)
    return {
        "id": ocds.party_id(ocds.AUTHORITIES, code), "name": authority.name,
        "identifier": {"scheme": ocds.AUTHORITIES, "id": code, "legalName": authority.name},
    }  # fmt: skip


def supplier_party(provider: Provider) -> Told:
    scheme, number = ocds.company_number(provider.company_number, provider.charity_number, provider.uuid)
    told: Told = {
        "id": ocds.party_id(scheme, number), "name": provider.name,
        "identifier": {"scheme": scheme, "id": number, "legalName": provider.name},
    }  # fmt: skip
    if provider.charity_number and scheme != ocds.CHARITIES:
        told["additionalIdentifiers"] = [{"scheme": ocds.CHARITIES, "id": provider.charity_number}]
    return told | {"roles": ["supplier"]}


def reference_to(party: Told) -> Told:
    return {"id": party["id"], "name": party["name"]}


class _Process:
    """One framework, its parts fetched."""

    def __init__(self, framework: Framework, prefix: str) -> None:
        self.framework = framework
        self.ocid = ocds.process_id(prefix, framework.uuid)
        self.agreement, self.dynamic = framework.kind in ocds.AGREEMENTS, framework.kind in ocds.DYNAMIC
        self.lots: list[Lot] = list(framework.lots.all())
        self.awards: list[Award] = list(framework.awards.all())
        self.options: list[Extension] = list(framework.extensions.all())

    def steps(self) -> Iterable[tuple[date, Told]]:
        """(day, release), in no order."""
        framework, end = self.framework, self.framework.runs_until
        opens_on = min([framework.starts_on, *(event.happens_on for event in framework.events.all())])
        yield opens_on, self.opening(opens_on)
        if self.dynamic and opens_on < framework.starts_on:
            yield framework.starts_on, self.update("2-begun", framework.starts_on, self._dynamic("active"))
        for option in self.options:
            if option.taken_on:
                yield option.taken_on, self.extended(option)
        for day, began in groupby(self.awards, key=lambda award: award.starts_on):
            yield day, self.awarded(day, list(began))
        ends = [(min(filter(None, (award.ends_before, end)), default=None), award) for award in self.awards]
        left = sorted(((day, award) for day, award in ends if day is not None and day != end), key=lambda each: each[0])
        for day, over in groupby(left, key=lambda each: each[0]):
            yield day, self.ended(day, [award for _, award in over])
        if end is not None:
            yield end, self.closed(end, [award for day, award in ends if day == end])

    def opening(self, day: date) -> Told:
        framework = self.framework
        lead = authority_party(framework.lead_authority)
        parties: dict[str, Told] = {lead["id"]: lead | {"roles": ["procuringEntity"]}}
        for part in framework.participations.all():
            told = authority_party(part.authority)
            party = parties.setdefault(told["id"], told | {"roles": []})
            if "buyer" not in party["roles"]:
                party["roles"] = ["buyer", *party["roles"]]
            taken = party.setdefault("details", {"takesPart": []})["takesPart"]
            taken.append(ocds.period(part.starts_on, part.ends_before))
        tender: Told = {
            "id": framework.reference,
            "title": framework.name,
            "status": "active" if framework.starts_on <= day else "planned",
            "procuringEntity": reference_to(lead),
            "procurementMethodDetails": framework.get_kind_display(),
            "mainProcurementCategory": "services",
            "contractPeriod": self._term([]),
            "techniques": self._techniques(day),
            "lots": [self._lot(lot) for lot in self.lots],
            "milestones": [self._option(number, taken=False) for number in range(len(self.options))],
        }
        events = _events(framework.events.all())
        return ocds.release(
            self.ocid, "1-opening", day, ["planning", "tender"] if events else ["tender"],
            parties=[*sorted(parties.values(), key=lambda party: party["id"])],
            planning={"milestones": events} if events else {},
            tender={name: value for name, value in tender.items() if value},
        )  # fmt: skip

    def update(self, stage: str, day: date, tender: Told, **more: Any) -> Told:
        told = {"id": self.framework.reference, **tender}
        return ocds.release(self.ocid, stage, day, ["tenderUpdate"], tender=told, **more)

    def extended(self, option: Extension) -> Told:
        assert option.taken_on is not None
        taken = [each for each in self.options if each.taken_on and each.position <= option.position]
        term = self._term(taken)
        tender: Told = {"contractPeriod": term, "milestones": [self._option(self.options.index(option), taken=True)]}
        if self.agreement:
            tender["techniques"] = {"hasFrameworkAgreement": True, "frameworkAgreement": {"period": term}}
        return self.update(f"3-extension-{option.position}", option.taken_on, tender)

    def awarded(self, day: date, awards: list[Award]) -> Told:
        awards = sorted(awards, key=lambda award: (award.lot.number, award.provider.name, str(award.uuid)))
        # A removal is told on its day, and leaves what was told of the award as it was.
        told = [self._award(each, None if each.removal_reason else each.ends_before) for each in awards]
        tender = {} if self.dynamic else {"id": self.framework.reference, "status": "complete"}
        return ocds.release(
            self.ocid, f"4-award-{day.isoformat()}", day, ["award", "contract"], parties=_suppliers(awards),
            tender=tender, awards=told, contracts=[_contract(each, "active") for each in told],
        )  # fmt: skip

    def ended(self, day: date, awards: list[Award]) -> Told:
        awards = sorted(awards, key=lambda award: (award.lot.number, award.provider.name, str(award.uuid)))
        told = [self._award(each, each.ends_before) for each in awards]
        removed = [
            each | {"amendments": [{"id": "removal", "date": ocds.instant(day), "rationale": ENDED_EARLY}]}
            for each, award in zip(told, awards, strict=True)
            if award.removal_reason
        ]
        return ocds.release(
            self.ocid, f"5-end-{day.isoformat()}", day,
            ["awardUpdate", "contractTermination"] if removed else ["contractTermination"],
            parties=_suppliers(awards), awards=removed, contracts=[_contract(each, "terminated") for each in told],
        )  # fmt: skip

    def closed(self, day: date, awards: list[Award]) -> Told:
        awards = sorted(awards, key=lambda award: (award.lot.number, award.provider.name, str(award.uuid)))
        contracts = [_contract(self._award(each, day), "terminated") for each in awards]
        tender = {"id": self.framework.reference, "status": "complete"}
        if self.dynamic:
            tender |= self._dynamic("terminated")
        tags = ["tenderUpdate", "contractTermination"] if contracts else ["tenderUpdate"]
        return ocds.release(self.ocid, "6-closed", day, tags, tender=tender, contracts=contracts)

    def _term(self, taken: list[Extension]) -> Told:
        framework = self.framework
        end = runs_until(framework.ends_before, [each.months for each in taken])
        most = runs_until(framework.ends_before, [each.months for each in self.options]) if self.options else None
        return ocds.period(framework.starts_on, end, most)

    def _option(self, number: int, *, taken: bool) -> Told:
        """An option to extend: what it adds is its code; its due date is the last day of the term it extends."""
        option = self.options[number]
        before = runs_until(self.framework.ends_before, [each.months for each in self.options[:number]])
        told: Told = {
            "id": f"extension-{option.position}", "title": f"Option to extend by {option.months} months",
            "type": ocds.EXTENSION, "code": f"P{option.months}M",
        }  # fmt: skip
        if before is not None:
            told["dueDate"] = ocds.period(before, before)["endDate"]
        if taken and option.taken_on:
            return told | {"dateMet": ocds.instant(option.taken_on), "status": "met"}
        return told | {"status": "scheduled"}

    def _techniques(self, day: date) -> Told:
        if self.dynamic:
            return self._dynamic("active" if self.framework.starts_on <= day else "pending")["techniques"]
        if not self.agreement:
            return {"hasFrameworkAgreement": False, "hasDynamicPurchasingSystem": False}
        agreement: Told = {"period": self._term([])}
        if method := ocds.method_of(lot.call_off_method for lot in self.lots):
            agreement = {"method": method, **agreement}
        return {
            "hasFrameworkAgreement": True, "frameworkAgreement": agreement, "hasDynamicPurchasingSystem": False
        }  # fmt: skip

    def _dynamic(self, status: str) -> Told:
        """Only the buyers that are named may use it, so that it is a closed one."""
        system = {"type": "closed", "status": status}
        techniques = {
            "hasFrameworkAgreement": False, "hasDynamicPurchasingSystem": True, "dynamicPurchasingSystem": system
        }  # fmt: skip
        return {"techniques": techniques}

    def _lot(self, lot: Lot) -> Told:
        told: Told = {"id": lot.number, "title": lot.name}
        if lot.specification:
            told["description"] = lot.specification
        told["additionalClassifications"] = ocds.classifications(lot.service_type, lot.call_off_method)
        if self.agreement:
            method = ocds.method_of([lot.call_off_method])
            told["techniques"] = {"hasFrameworkAgreement": True, "frameworkAgreement": {"method": method}}
        return told

    def _award(self, award: Award, ends_before: date | None) -> Told:
        party = supplier_party(award.provider)
        return {
            "id": str(award.uuid), "title": f"Place on lot {award.lot.number}: {award.lot.name}", "status": "active",
            "date": ocds.instant(award.starts_on), "suppliers": [reference_to(party)],
            "contractPeriod": ocds.period(award.starts_on, ends_before), "relatedLots": [award.lot.number],
        }  # fmt: skip


def _contract(award: Told, status: str) -> Told:
    return {
        "id": f"contract-{award['id']}", "awardID": award["id"], "title": award["title"], "status": status,
        "period": award["contractPeriod"],
    }  # fmt: skip


def _suppliers(awards: list[Award]) -> list[Told]:
    found = {party["id"]: party for party in (supplier_party(award.provider) for award in awards)}
    return sorted(found.values(), key=lambda party: party["id"])


def _events(events: Iterable[FrameworkEvent]) -> list[Told]:
    told, seen = [], set()
    for event in events:
        identity = f"{event.kind}-{event.happens_on.isoformat()}"
        if identity not in seen:  # two of a kind on one day differ in their notes alone
            seen.add(identity)
            told.append({
                "id": identity, "title": event.get_kind_display(), "type": f"{ocds.EVENT}{event.kind}",
                "dueDate": ocds.instant(event.happens_on),
            })  # fmt: skip
    return told

"""Rows on which the routes of KPIs are tried (tests/permissions.py)."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from commissioning.partnership.models import Kpi, LotKpi
from quality.actions.contract_kpi import hold_contract
from quality.models import ContractKpi, KpiReturn
from quality.rules.kpi_periods import last_ended
from tests.permissions import Sample
from tests.quality.reporting import BY, expected, on_lot, own, returned, with_kpis

READ_BY_ALL = "what is counted, and what a lot expects, is everybody's to read"
CODE = "health-checks"


def _kpi(cast):
    with_kpis()
    with own(cast.authority):
        return {"uuid": Kpi.objects.in_use().get(code=CODE).uuid}


def _expected(cast):
    """On Southwark's lot, where Alder has a place."""
    _kpi(cast)
    award = on_lot(cast)
    with own(cast.authority):
        return LotKpi.objects.filter(lot=award.lot, kpi__code=CODE).first() or expected(award.lot, CODE)


def _lot(cast):
    _expected(cast)
    return {"uuid": cast.world.lot(cast.world.shared).uuid}


def _send(cast):
    ends = last_ended("quarter", timezone.localdate())[1]
    return _lot(cast) | {"last_day": (ends - timedelta(days=1)).isoformat()}


def _returned(cast):
    _expected(cast)
    with own(cast.authority):
        found = KpiReturn.objects.first()
    ends = last_ended("quarter", timezone.localdate())[1]
    return {"uuid": (found or returned(on_lot(cast), CODE, ends, 19, 20, on=timezone.localdate())).uuid}


def _of_contract(cast):
    _expected(cast)
    award, today = on_lot(cast), timezone.localdate()
    with own(cast.authority):
        found = ContractKpi.objects.filter(award=award).first()
        return {"uuid": (found or hold_contract(
            award=award, kpi=Kpi.objects.in_use().get(code=CODE), target=Decimal(90), approaching=Decimal(80),
            improvement=Decimal(70), starts_on=today, by=BY, reason="Small",
        )).uuid}  # fmt: skip


SAMPLES = {
    "kpi": Sample(_kpi, why=READ_BY_ALL),
    "kpi-version": Sample(_kpi, why="definitions are the partnership's: any member's officer"),
    "kpi-retire": Sample(_kpi, why="definitions are the partnership's: any member's officer"),
    "kpi-lot": Sample(_lot, why=READ_BY_ALL),
    "kpi-expect": Sample(_lot, refused_to="stranger"),
    "kpi-stop": Sample(lambda cast: {"uuid": _expected(cast).uuid}, refused_to="stranger"),
    "kpi-contract": Sample(_lot, refused_to="stranger"),
    "kpi-alone": Sample(_lot, refused_to="stranger"),
    "kpi-contract-end": Sample(_of_contract, refused_to="stranger"),
    "kpi-return": Sample(_returned, hidden_from="rival"),
    "kpi-check": Sample(_returned, refused_to="stranger"),
    "kpi-verify": Sample(_send, refused_to="stranger"),
    "kpi-template": Sample(_send, hidden_from="rival"),
    "kpi-send": Sample(_send, hidden_from="rival"),
}

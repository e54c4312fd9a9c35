"""Addresses of KPIs: definitions, lots, returns."""

from django.urls import path

from . import kpi_contract, kpi_file, kpi_lot, kpi_lot_change, kpi_return, kpi_returns, kpi_send, kpis

urlpatterns = [
    path("kpis/", kpis.kpis, name="kpis"),
    path("kpis/new/", kpis.kpi_new, name="kpi-new"),
    path("kpis/returns/", kpi_returns.kpi_returns, name="kpi-returns"),
    path("kpis/returns/file/", kpi_file.kpi_file, name="kpi-file"),
    path("kpis/returns/<uuid:uuid>/", kpi_return.kpi_return, name="kpi-return"),
    path("kpis/returns/<uuid:uuid>/check/", kpi_return.kpi_check, name="kpi-check"),
    path("kpis/lots/<uuid:uuid>/", kpi_lot.kpi_lot, name="kpi-lot"),
    path("kpis/lots/<uuid:uuid>/expect/", kpi_lot_change.kpi_expect, name="kpi-expect"),
    path("kpis/lots/<uuid:uuid>/send/<slug:last_day>/", kpi_send.kpi_send, name="kpi-send"),
    path("kpis/lots/<uuid:uuid>/template/<slug:last_day>/", kpi_send.kpi_template, name="kpi-template"),
    path("kpis/lots/<uuid:uuid>/verify/<slug:last_day>/", kpi_lot_change.kpi_verify, name="kpi-verify"),
    path("kpis/lots/<uuid:uuid>/contract/", kpi_contract.kpi_contract, name="kpi-contract"),
    path("kpis/lots/<uuid:uuid>/alone/", kpi_contract.kpi_alone, name="kpi-alone"),
    path("kpis/contracts/<uuid:uuid>/end/", kpi_contract.kpi_contract_end, name="kpi-contract-end"),
    path("kpis/expectations/<uuid:uuid>/end/", kpi_lot_change.kpi_stop, name="kpi-stop"),
    path("kpis/<uuid:uuid>/", kpis.kpi, name="kpi"),
    path("kpis/<uuid:uuid>/version/", kpis.kpi_version, name="kpi-version"),
    path("kpis/<uuid:uuid>/retire/", kpis.kpi_retire, name="kpi-retire"),
]

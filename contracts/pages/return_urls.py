"""Addresses of returns and of the template that placements come in with."""

from django.urls import path

from .returns import returns, template

urlpatterns = [
    path("placements/returns/", returns, name="returns"),
    path("placements/template.xlsx", template, name="placements-template"),
]

"""Addresses of returns and of the template that placements come in with."""

from django.urls import path

from .return_contents import return_contents
from .returns import returns, template

urlpatterns = [
    path("placements/returns/", returns, name="returns"),
    path("placements/returns/contents/", return_contents, name="return-contents"),
    path("placements/template.xlsx", template, name="placements-template"),
]

"""Addresses of spend."""

from django.urls import path

from .spend import spend, spend_book, spend_equality, spend_placements

urlpatterns = [
    path("spend/", spend, name="spend"),
    path("spend/placements/", spend_placements, name="spend-placements"),
    path("spend/equality/", spend_equality, name="spend-equality"),
    path("spend/workbook.xlsx", spend_book, name="spend-workbook"),
]

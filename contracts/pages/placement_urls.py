"""Addresses of children and placements."""

urlpatterns: list = []

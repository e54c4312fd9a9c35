"""Addresses of spend."""

urlpatterns: list = []

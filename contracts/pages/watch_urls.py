"""Addresses of where nobody looks, distance, and moving."""

urlpatterns: list = []

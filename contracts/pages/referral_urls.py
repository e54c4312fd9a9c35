"""Addresses of the referral log."""

urlpatterns: list = []

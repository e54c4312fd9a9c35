"""Addresses of agreements, cost lines, outcomes and benefits."""

urlpatterns: list = []

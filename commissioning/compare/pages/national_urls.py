"""Addresses of the figures that DfE publishes."""

from django.urls import path

from . import national

national_urls = [path("benchmarks/national/", national.national_figures, name="benchmarks-national")]

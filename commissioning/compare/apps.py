from django.apps import AppConfig


class CompareConfig(AppConfig):
    name = "commissioning.compare"
    label = "compare"

from django.apps import AppConfig


class NeedConfig(AppConfig):
    name = "commissioning.need"

"""Addresses of what young people say."""

from django.urls import path

from . import voice, voice_statement, you_said

urlpatterns = [
    path("outcomes/", voice.outcomes, name="voice"),
    path("outcomes/you-said/", you_said.you_said_list, name="you-said"),
    path("outcomes/you-said/new/", you_said.you_said_new, name="you-said-new"),
    path("outcomes/you-said/<uuid:uuid>/", you_said.you_said, name="you-said-one"),
    path("outcomes/you-said/<uuid:uuid>/change/", you_said.you_said_change, name="you-said-change"),
    path("outcomes/you-said/<uuid:uuid>/publish/", you_said.you_said_publish, name="you-said-publish"),
    path("providers/<uuid:uuid>/you-said/", you_said.provider_you_said, name="you-said-provider"),
    path("outcomes/statements/<uuid:uuid>/", voice_statement.statement, name="outcomes-statement"),
]

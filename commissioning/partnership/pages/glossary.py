"""The field's words in plain English."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commissioning.kernel.pages.allowed import allowed

from ..rules.glossary import THEMES


@allowed("glossary")
def glossary(request: HttpRequest) -> HttpResponse:
    count = sum(len(terms) for terms in THEMES.values())
    return render(request, "partnership/glossary.html", {"themes": THEMES, "count": count})

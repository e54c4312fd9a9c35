"""What makes a device keep the recording page: its service worker, in the scope of /visits/, and its manifest."""

import hashlib
import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse

from commissioning.kernel.pages.allowed import open_to_all

from .record import SCRIPTS, shell

FILES = ("app.css", "favicon.svg", *SCRIPTS)


@open_to_all
def service_worker(request: HttpRequest) -> HttpResponse:
    files = [static(name) for name in FILES]
    page = reverse("visits-kept")
    version = hashlib.sha256((shell() + "".join(files)).encode()).hexdigest()[:16]
    told = {"version": json.dumps(version), "page": json.dumps(page), "files": json.dumps([*files, manifest_address()])}
    response = HttpResponse(render_to_string("quality/record_worker.js", told), content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def manifest_address() -> str:
    return reverse("visits-manifest")


@open_to_all
def manifest(request: HttpRequest) -> HttpResponse:
    icon = {"src": static("favicon.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any"}
    said = {
        "name": "Visits", "short_name": "Visits", "id": reverse("visits-kept"), "start_url": reverse("visits-kept"),
        "scope": "/visits/", "display": "standalone", "lang": "en-GB", "icons": [icon],
        "background_color": "#ffffff", "theme_color": "#0b3c49",
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json")

"""What every page's header needs."""

from django.conf import settings


def surroundings(request):
    user = getattr(request, "user", None)
    return {
        "partnership_name": settings.PARTNERSHIP_NAME,
        "viewer_name": user.body_name if user is not None and user.is_authenticated else "",
        "navigation": [],
    }

"""The web process. It refuses to start where its database role could do more than a web process should, and has read
every page's code before it is asked for one: whoever came first waited for that, eleven seconds once."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commissioning.settings")
application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402

from commissioning.kernel.tenancy.rights import refuse_excess_rights  # noqa: E402  (settings must be ready)

refuse_excess_rights()
get_resolver().url_patterns  # noqa: B018  (reading it imports them)

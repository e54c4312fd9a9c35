"""The web process. It refuses to start where its database role could do more than a web process should."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commissioning.settings")
application = get_wsgi_application()

from commissioning.kernel.tenancy.rights import refuse_excess_rights  # noqa: E402  (settings must be ready)

refuse_excess_rights()

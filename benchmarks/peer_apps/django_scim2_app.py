"""django-scim2 over PostgreSQL (DJANGO_BENCH_*), with the least of models that it asks for. Anybody may call it.

Served from an environment of its own; makes its tables where DJANGO_BENCH_MIGRATE is set.
"""

import os
import sys
import types

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

APP = "bench_directory"
_module = sys.modules[__name__]
_urls = types.ModuleType("bench_urls")
sys.modules["bench_urls"] = _urls


class Callers:
    """Everybody is somebody: what a deployment proves by a token is left out here, which costs nothing at all."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.user = types.SimpleNamespace(is_anonymous=False, is_authenticated=True)
        return self.get_response(request)


sys.modules.setdefault("django_scim2_app", _module)
settings.configure(
    SECRET_KEY="a secret of a benchmark, good for nothing else",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="bench_urls",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", APP, "django_scim"],
    MIDDLEWARE=["django_scim2_app.Callers", "django_scim.middleware.SCIMAuthCheckMiddleware"],
    AUTH_USER_MODEL=f"{APP}.User",
    MIGRATION_MODULES={"auth": None, "contenttypes": None},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["DJANGO_BENCH_HOST"],
            "NAME": os.environ["DJANGO_BENCH_NAME"],
            "USER": os.environ["DJANGO_BENCH_USER"],
            "CONN_MAX_AGE": None,
        }
    },
    SCIM_SERVICE_PROVIDER={
        "NETLOC": "127.0.0.1",
        "SCHEME": "http",
        "AUTHENTICATION_SCHEMES": [{"type": "oauth2", "name": "OAuth 2", "description": "bearer token"}],
        "GROUP_MODEL": f"{APP}.models.Group",
    },
)
_urls.urlpatterns = []
django.setup()
_urls.urlpatterns.append(path("scim/v2/", include("django_scim.urls")))

if os.environ.get("DJANGO_BENCH_MIGRATE"):
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)

app = get_wsgi_application()

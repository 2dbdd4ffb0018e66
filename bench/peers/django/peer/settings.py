"""Settings for speed: no middleware, no debugging, a connection that a worker keeps.

The database comes from the environment; the key that signs tokens comes from the database.
"""

import os

import psycopg

_DATABASE = {
    "host": os.environ["BENCH_HOST"],
    "port": os.environ["BENCH_PORT"],
    "user": os.environ["BENCH_USER"],
    "dbname": os.environ["BENCH_DATABASE"],
}

DEBUG = False
SECRET_KEY = "signs nothing here; tokens have a key of their own"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "peer.urls"
WSGI_APPLICATION = "peer.wsgi.application"
USE_TZ = True
USE_I18N = False
# Sets of a million units are larger than the usual 2.5 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = None
MIDDLEWARE = []
INSTALLED_APPS = [
    # simplejwt imports both.
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "rest_framework",
    "peer",
    "peer.integers",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _DATABASE["host"],
        "PORT": _DATABASE["port"],
        "USER": _DATABASE["user"],
        "NAME": _DATABASE["dbname"],
        "CONN_MAX_AGE": None,
        # Statements with parameters bound by PostgreSQL, and prepared when they come again.
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 5},
    }
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["peer.authentication.SessionJWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "UNAUTHENTICATED_USER": None,
}


def _signing_key() -> bytes:
    with psycopg.connect(**_DATABASE) as connection:
        (secret,) = connection.execute(
            "SELECT secret FROM signing_key WHERE retires IS NULL"
        ).fetchone()
    return bytes(secret)


SIMPLE_JWT = {"ALGORITHM": "HS256", "SIGNING_KEY": _signing_key()}
BENCH_VERSION = os.environ.get("BENCH_VERSION", "0")

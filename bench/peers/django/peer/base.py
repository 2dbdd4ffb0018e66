"""Settings for speed: no middleware, no debugging, a connection that a worker keeps.

The database comes from the environment.
"""

import os

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
        "HOST": os.environ["BENCH_HOST"],
        "PORT": os.environ["BENCH_PORT"],
        "USER": os.environ["BENCH_USER"],
        "NAME": os.environ["BENCH_DATABASE"],
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
BENCH_VERSION = os.environ.get("BENCH_VERSION", "0")

"""Makes the tables: python -m peer.integers.tables, with the environment of the server."""

import os

import django
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.settings")
django.setup()

from peer.integers.models import IntegerSession, IntegerSet, Unit

with connection.schema_editor() as editor:
    for model in (IntegerSession, IntegerSet, Unit):
        editor.create_model(model)

"""Django's own command line, with the settings that need no database."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peer.base")
    execute_from_command_line(sys.argv)

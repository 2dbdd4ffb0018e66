#!/usr/bin/env bash
# Makes a Python virtual environment, or brings one up to date: tools/venv.sh DIRECTORY REQUIREMENTS
set -euo pipefail

directory=$1
requirements=$2
stamp="$directory/.$(sha256sum "$requirements" | cut -c1-16)"
[[ -e $stamp ]] && exit 0
[[ -x $directory/bin/python ]] || "${PYTHON:-python3}" -m venv "$directory"
"$directory/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
touch "$stamp"

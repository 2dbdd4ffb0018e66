#!/usr/bin/env bash
# Runs a command beside a PostgreSQL cluster that is made for it and gone behind it:
# tools/with-database.sh COMMAND…   The cluster's address stands in HAVOCCTL_TEST_DATABASE.
set -euo pipefail

binaries=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
directory=$(mktemp -d /tmp/havocctl-test.XXXXXX)
# PostgreSQL refuses to run as root.
as_owner=()
if [[ $(id -u) == 0 ]]; then
  chown postgres "$directory"
  as_owner=(runuser -u postgres --)
fi

stop() {
  "${as_owner[@]}" "$binaries/pg_ctl" -D "$directory/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$directory"
}
trap stop EXIT

cd "$directory"
"${as_owner[@]}" "$binaries/initdb" -D "$directory/data" -U havocctl -A trust -E UTF8 \
  --locale=C.UTF-8 --no-sync >/dev/null
"${as_owner[@]}" "$binaries/pg_ctl" -D "$directory/data" -w -l "$directory/log" \
  -o "-c listen_addresses='' -c unix_socket_directories='$directory' -c fsync=off" \
  -o "-c max_connections=100" start >/dev/null
cd - >/dev/null

export HAVOCCTL_TEST_DATABASE="postgresql:///postgres?host=$directory&user=havocctl"
"$@"

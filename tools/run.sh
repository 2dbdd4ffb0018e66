#!/usr/bin/env bash
# Seeds the embedded database, makes an administrator, says how to get in, and serves.
# tools/run.sh BINARY. Run again, it keeps its data.
set -euo pipefail

havocctl=$1
listen=${HAVOCCTL_LISTEN:-127.0.0.1:8000}

"$havocctl" exercise seed -o json >/dev/null
account=$("$havocctl" user create admin --permission 3 --generate-password --if-not-exists -o json)
password=$(sed -n 's/.*"password": *"\([^"]*\)".*/\1/p' <<<"$account")

cat <<TEXT

  havocctl serves on  http://$listen
  administrator       admin
  password            ${password:-(printed when it was made; a new one: $havocctl user passwd admin --generate-password)}

Try, in another terminal:

  curl http://$listen/status/
  curl -d username=admin -d password='${password:-PASSWORD}' http://$listen/user/login
  $havocctl exercise list --group Chest

Ctrl-C ends it; the data stays.

TEXT

exec "$havocctl" serve --listen "$listen"

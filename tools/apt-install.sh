#!/usr/bin/env bash
# Installs the Debian packages that aren't there yet. Asks nothing, and does nothing where all are
# there, so that a machine without a network can still build.
set -euo pipefail

missing=()
for package in "$@"; do
  status=$(dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# A cluster for the whole machine is nobody's wish here: the program makes one of its own.
if [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
  ${SUDO:-} mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' |
    ${SUDO:-} tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
# A machine that has just started may be installing things by itself, and a mirror may be away for
# a moment; a source that has nothing of this may be broken for good. In a run level in which nothing
# is started: tools are wanted here, not their services.
install() {
  ${SUDO:-} apt-get update -qq || true
  ${SUDO:-} env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -o DPkg::Lock::Timeout=300 \
    install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
for pause in 5 20 60; do
  install && exit 0
  sleep "$pause"
done
install

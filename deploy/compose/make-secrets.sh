#!/usr/bin/env bash
# Makes what docker-compose.yml hands to its containers as files; what is there already stays as it is.
#   deploy/compose/make-secrets.sh [FOLDER]
set -euo pipefail
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
# Containers have users of their own, who must be able to read the files; nobody else gets as far as the folder.
chmod 700 "$folder"

make() { # NAME: from stdin
  if [ -e "$folder/$1" ]; then cat >/dev/null; else cat >"$folder/$1"; fi
  chmod 644 "$folder/$1"
}
random() { openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n'; }

random | make postgres-password
random | make client-secret
random | make subgraph-secret
random | make grafana-password
for subgraph in tenants inventory jobs metering; do random | make "database-password-$subgraph"; done
# A subgraph logs in as its own role; only the migration is an administrator.
printf 'postgres://postgres:5432/sluice?sslmode=disable' | make database-url
printf 'postgres://postgres:%s@postgres:5432/sluice?sslmode=disable' "$(cat "$folder/postgres-password")" | make owner-database-url

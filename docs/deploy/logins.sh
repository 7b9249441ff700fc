#!/bin/sh
# Run once by the postgres image on an empty data directory: the logins that the service uses, as members of roles that
# the first migration fills with rights. The image's own superuser migrates.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  -v app_password="$APP_PASSWORD" -v worker_password="$WORKER_PASSWORD" <<'SQL'
create role timeline_app nologin;
create role timeline_worker nologin;
create role app login password :'app_password' in role timeline_app;
create role worker login password :'worker_password' in role timeline_worker;
SQL

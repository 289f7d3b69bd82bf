# Puts Debian's PostgreSQL on the machine; tests start servers of their own with it, on loopback and on free ports. The package would
# make and start one of the system, which nobody wants here.
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    apt-get update -q
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends postgresql
fi
psql --version

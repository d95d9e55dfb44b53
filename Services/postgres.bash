# The private PostgreSQL of `Services/up`, which reads this file: made once, started on a free
# port of the loopback, with the roles and schemas of Services/database.sql.
# shellcheck shell=bash disable=SC2154  # root and data are Services/up's

postgres_programs() { # the folder of the version that made the cluster, else of the newest
    local major='*' found
    if [ -s "$data/postgres/data/PG_VERSION" ]; then major=$(< "$data/postgres/data/PG_VERSION"); fi
    found=$(compgen -G "/usr/lib/postgresql/$major/bin/postgres" | sort -V | tail -n 1) ||
        found=$(readlink -f "$(command -v postgres)") || return 0
    dirname "$found"
}

as_postgres() { # PostgreSQL refuses to run as root
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec runuser -u postgres -- "$@" 9>&-)
    else
        "$@" 9>&-
    fi
}

make_cluster() {
    local cluster=$data/postgres programs
    programs=$(postgres_programs)
    [ ! -s "$cluster/data/PG_VERSION" ] || return 0
    say "making a private PostgreSQL in $cluster"
    mkdir -p "$cluster"
    if [ "$(id -u)" = 0 ]; then
        chown postgres: "$cluster"
        if ! as_postgres test -r "$cluster"; then
            # A folder above is closed to others, as root's home is.
            mkdir -p /var/lib/dubbelslot
            cluster=$(mktemp -d /var/lib/dubbelslot/XXXXXXXX)
            chown postgres: "$cluster"
            rmdir "$data/postgres"
            ln -s "$cluster" "$data/postgres"
            say "  (the user postgres cannot reach it, so it stands in $cluster)"
        fi
    fi
    chmod 700 "$cluster"
    install -m 600 "$data/secrets/postgres.password" "$cluster/password"
    if [ "$(id -u)" = 0 ]; then chown postgres: "$cluster/password"; fi
    as_postgres "$programs/initdb" -D "$cluster/data" -U postgres --pwfile="$cluster/password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --data-checksums \
        > "$data/logs/initdb.log" 2>&1 || {
        rm -rf "$cluster/data"
        fail "initdb failed; see $data/logs/initdb.log"
    }
    rm "$cluster/password"
}

start_postgres() {
    local cluster port options tries=0
    ! alive postgres || return 0
    cluster=$(realpath "$data/postgres") # not by a link that PostgreSQL's user cannot follow
    keep_port postgres postgres
    port=$(remembered postgres)
    say "starting PostgreSQL on port $port"
    options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=''"
    options+=" -c max_connections=200 -c shared_buffers=64MB -c password_encryption=scram-sha-256"
    # After a crash the old server's last processes may need a moment to leave.
    until as_postgres "$(postgres_programs)/pg_ctl" start -s -w -t 60 -D "$cluster/data" \
        -l "$cluster/log" -o "$options" > "$data/logs/pg_ctl.log" 2>&1
    do
        tries=$((tries + 1))
        [ "$tries" -lt 20 ] || fail "PostgreSQL does not start; see $cluster/log"
        sleep 0.5
    done
    note_process postgres "$(head -n 1 "$cluster/data/postmaster.pid")"
}

superuser_psql() {
    PGCONNECT_TIMEOUT=5 PGPASSWORD=$(< "$data/secrets/postgres.password") psql -X -h 127.0.0.1 \
        -p "$(remembered postgres)" -U postgres "$@" 9>&-
}

make_database() {
    local name variable
    superuser_psql -d postgres -Atc 'SELECT datname FROM pg_database' |
        grep -x dubbelslot > /dev/null ||
        superuser_psql -d postgres -qc 'CREATE DATABASE dubbelslot'
    {
        for name in {auth,verification,policy}{,-owner}; do
            variable=${name//-/_}_password
            echo "\\set $variable '$(< "$data/secrets/$name.password")'"
        done
        cat "$root/Services/database.sql"
    } | superuser_psql -d dubbelslot -q -f -
}

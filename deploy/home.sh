# deploy/home.sh: where the home is, whose it is, and the settings; read by the scripts beside it.
#
# Sets: project (what lies above deploy/), home (the real, absolute path of AIRWATCH_HOME), named
# (the path as the user wrote it), PORT and owner (the user that services run as).

project=$(cd "$(dirname "$0")/.." && pwd -P)
entries='pg pg.new run sql lake site spool log bin tmp operator.token operator.token.new .env' # of a home

die() { # MESSAGE [EXIT CODE]
    echo "airwatch: $1" >&2
    exit "${2:-75}"
}

# Takes KEY=value lines as config_load does: the environment wins, one pair of quotes goes. Other
# keys are left for it to refuse: root reads a file here that the home's owner may write.
env_file() {
    [ -r "$1" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        key=${line%%=*}
        value=${line#*=}
        case $key in
        AIRWATCH_HOME | PORT | DATABASE_URL | LOG_LEVEL | AQS_URL | AQS_EMAIL | AQS_KEY | AQS_PAUSE_MS | AQS_A_MINUTE | AQS_IDLE_S | AIRDATA_URL | DURABLE | GNUPLOT) ;;
        USE_S3 | S3_[A-Z]* | AWS_[A-Z]*) case $key in *[!A-Z0-9_]*) continue ;; esac ;;
        *) continue ;;
        esac
        case $value in
        \"*\") value=${value#\"} value=${value%\"} ;;
        \'*\') value=${value#\'} value=${value%\'} ;;
        esac
        eval "[ -n \"\${$key+set}\" ] || { $key=\$value; export $key; }"
    done <"$1"
}

exists() { # an entry under any name but . and ..
    [ -e "$1" ] || [ -L "$1" ]
}

# Refuses a folder that holds anything a home does not.
home_check() {
    for entry in "$home"/* "$home"/.[!.]*; do
        exists "$entry" || continue
        case " $entries " in *" ${entry##*/} "*) continue ;; esac
        die "\"$named\" holds \"${entry##*/}\", so it is not an AirWatch home: choose another AIRWATCH_HOME" 64
    done
}

# The user that services run as, when we are root: whoever has the home, else airwatch.
owner_find() {
    owner=airwatch
    [ ! -d "$home" ] || [ "$(stat -c %U "$home")" = root ] || owner=$(stat -c %U "$home")
    id "$owner" >/dev/null 2>&1 ||
        useradd --system --user-group --no-create-home --home-dir /var/lib/airwatch \
            --shell /usr/sbin/nologin "$owner" ||
        id "$owner" >/dev/null 2>&1 || # another start was quicker
        die "could not make the system user \"$owner\": make it by hand, then try again"
}

as_owner() { # runs a command as the owner
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --init-groups "$@"
    else
        "$@"
    fi
}

home_find() {
    for variable in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p'); do unset "$variable"; done
    env_file "$project/.env"
    named=${AIRWATCH_HOME:-$project/var}
    case $named in /*) ;; *) named=$PWD/$named ;; esac
    while [ "$named" != "${named%/}" ]; do named=${named%/}; done
    [ -n "$named" ] || die "AIRWATCH_HOME is \"/\": choose a folder of its own" 64
    home=$(readlink -m -- "$named")
    env_file "$home/.env"
    PORT=${PORT:-$(cat "$home/run/port" 2>/dev/null || echo 8000)} # where it was, if it has been
    case $PORT in *[!0-9]* | ??????*) die "PORT is \"$PORT\", not a port from 1 to 65535" 64 ;; esac
    [ "$PORT" -ge 1 ] && [ "$PORT" -le 65535 ] || die "PORT is \"$PORT\", not a port from 1 to 65535" 64
    if [ "$(id -u)" = 0 ]; then owner_find; else owner=$(id -un); fi
}

# Makes the home where it is missing, and hands it to its owner. Where root's clone lies in a folder
# that the owner cannot enter, the home becomes a link to one below /var/lib/airwatch.
home_make() {
    [ ! -e "$home" ] || [ -d "$home" ] || die "\"$named\" is not a folder: choose another AIRWATCH_HOME" 73
    if [ "$(id -u)" = 0 ]; then
        above=$home
        while [ ! -d "$above" ] || [ "$above" = "$home" ]; do above=$(dirname "$above"); done
        if ! as_owner test -x "$above"; then
            [ ! -d "$home" ] || rmdir "$home" 2>/dev/null ||
                die "the user \"$owner\" cannot enter \"$above\": move the home, or choose another AIRWATCH_HOME" 77
            target=/var/lib/airwatch/$(basename "$(dirname "$named")")-$(printf %s "$named" | cksum | cut -d' ' -f1)
            mkdir -p "$target" "$(dirname "$named")" && ln -sfn "$target" "$named" && chmod 755 /var/lib/airwatch ||
                die "could not make \"$target\": see the line above" 73
            home=$target
        fi
    fi
    case $home in
    *[\'\"\\\$\;\{\},]* | *'
'*) die "the path \"$home\" has one of ' \" \\ \$ ; { } , in it: choose another AIRWATCH_HOME" 64 ;;
    esac
    socket=$home/run/.s.PGSQL.5432
    size=$(printf %s "$socket" | wc -c)
    [ "$size" -le 107 ] ||
        die "the path \"$home\" is $((size - 107)) bytes too long for a socket: choose a shorter AIRWATCH_HOME" 64
    mkdir -p "$home" 2>/dev/null || die "could not make \"$named\": choose a folder that you may write to with AIRWATCH_HOME" 73
    [ -x "$home" ] && [ -r "$home" ] || die "\"$named\" cannot be read: it belongs to $(stat -c %U "$home"); run as that user, or choose another AIRWATCH_HOME" 77
    if [ "$(id -u)" = 0 ]; then
        home_check
        [ "$(stat -c %U "$home")" = "$owner" ] || chown "$owner:" "$home"
        [ "$(stat -c %a "$home")" = 751 ] || chmod 751 "$home" # others pass through, to sql
    fi
    [ "$(stat -c %U "$home")" = "$owner" ] ||
        die "\"$named\" belongs to $(stat -c %U "$home"): run as that user or as root, or choose another AIRWATCH_HOME" 77
    home_check
    free_mb=$(df -Pm "$home" | awk 'NR == 2 { print $4 }')
    need_mb=$([ -d "$home/pg" ] && echo 50 || echo 400)
    [ "$free_mb" -ge "$need_mb" ] ||
        die "the disk of \"$home\" has $free_mb MB left and $need_mb are needed: free some, or choose another AIRWATCH_HOME" 75
}

# shellcheck shell=sh
# A program as another user. Sourced after jvm.sh and plain.sh, never run; plain POSIX sh.
#
# Who that is, is found out once, and from then on told in numbers: UID:GID:GROUP,GROUP…, in tiexec_identity. What cannot be
# found out, or done, must end the command: the program is not to run as whoever has started us.

# tiexec_find_identity USER [GROUPS]: sets tiexec_identity to what `--user=USER --groups=GROUPS` says.
tiexec_find_identity() {
    tiexec_identity=
    tiexec_user=${1%%:*}
    tiexec_reason=
    tiexec_entry=
    if tiexec_is_id "$tiexec_user"; then
        tiexec_uid=$tiexec_user
        tiexec_look_up passwd "$tiexec_user" || [ -z "$tiexec_reason" ] || return 1
    elif tiexec_look_up passwd "$tiexec_user"; then
        tiexec_rest=${tiexec_entry#*:*:}
        tiexec_uid=${tiexec_rest%%:*}
    else
        : "${tiexec_reason:=there is no user '$tiexec_user' (see: getent passwd)}"
        return 1
    fi
    case $1 in
        *:*) tiexec_find_group "${1#*:}" || return 1 ;;
        *)
            tiexec_rest=${tiexec_entry#*:*:*:}
            tiexec_gid=${tiexec_rest%%:*}
            if [ -z "$tiexec_entry" ]; then
                tiexec_reason="user $tiexec_user is in no database; name a group, too: --user=$tiexec_user:GROUP"
                return 1
            fi
            ;;
    esac
    tiexec_main_group=$tiexec_gid
    if [ $# -gt 1 ]; then
        tiexec_find_groups "$2" || return 1
    elif [ -z "$tiexec_entry" ]; then
        tiexec_groups=$tiexec_gid
    else
        tiexec_find_tool id &&
            tiexec_rest=$(eval "$tiexec_shield" && tiexec_clean_environment && exec "$tiexec_tool" -G -- "${tiexec_entry%%:*}" 2>/dev/null) || {
            tiexec_reason="the groups of user '$tiexec_user' cannot be found out (see: id $tiexec_user)"
            return 1
        }
        tiexec_groups=
        for tiexec_gid in $tiexec_rest; do
            tiexec_groups=$tiexec_groups${tiexec_groups:+,}$tiexec_gid
        done
    fi
    for tiexec_gid in "$tiexec_uid" "$tiexec_main_group"; do
        if ! tiexec_is_id "$tiexec_gid"; then
            tiexec_reason="'$tiexec_gid' is no id"
            return 1
        fi
    done
    case ${capabilities-} in
        '' | *[cdef]?) ;; # CAP_SETGID, CAP_SETUID
        *)
            tiexec_reason='to become another user takes CAP_SETUID and CAP_SETGID; run this as root (sudo)'
            return 1
            ;;
    esac
    tiexec_identity=$tiexec_uid:$tiexec_main_group:$tiexec_groups
}

# tiexec_is_id TEXT: whether it is a number that names somebody. The next one, 4294967295, would tell the kernel to leave
# things as they are.
tiexec_is_id() {
    case $1 in
        '' | *[!0-9]* | 0?*) return 1 ;;
    esac
    [ ${#1} -le 10 ] && [ "$1" -le 4294967294 ]
}

# tiexec_find_group GROUP: sets tiexec_gid.
tiexec_find_group() {
    tiexec_gid=$1
    tiexec_is_id "$1" && return 0
    tiexec_person=$tiexec_entry
    if ! tiexec_look_up group "$1"; then
        : "${tiexec_reason:=there is no group '$1' (see: getent group)}"
        return 1
    fi
    tiexec_rest=${tiexec_entry#*:*:}
    tiexec_gid=${tiexec_rest%%:*}
    tiexec_entry=$tiexec_person
}

# tiexec_find_groups GROUP,GROUP…: sets tiexec_groups.
tiexec_find_groups() {
    tiexec_groups=
    tiexec_left=$1
    while [ -n "$tiexec_left" ]; do
        tiexec_find_group "${tiexec_left%%,*}" || return 1
        tiexec_groups=$tiexec_groups${tiexec_groups:+,}$tiexec_gid
        case $tiexec_left in
            *,*)
                tiexec_left=${tiexec_left#*,}
                # nothing behind a comma is no group either
                [ -n "$tiexec_left" ] || tiexec_left=,
                ;;
            *) tiexec_left= ;;
        esac
    done
}

# tiexec_look_up DATABASE NAME: sets tiexec_entry to its line of the database (nsswitch.conf(5)); empty if it has none.
tiexec_look_up() {
    tiexec_entry=
    case $2 in
        '' | [!A-Za-z0-9_]*) return 1 ;; # getent(1) would take some of these for numbers
        *[!0-9]*) ;;
        *) tiexec_is_id "$2" || return 1 ;;
    esac
    if ! tiexec_find_tool getent; then
        tiexec_reason="'$2' cannot be looked up without getent: apt-get install libc-bin"
        return 1
    fi
    tiexec_entry=$(eval "$tiexec_shield" && tiexec_clean_environment && exec "$tiexec_tool" "$1" -- "$2" 2>/dev/null)
}

# tiexec_find_tool NAME: sets tiexec_tool to a command where only root can have put it, whatever PATH says.
tiexec_find_tool() {
    for tiexec_tool in "/usr/bin/$1" "/bin/$1"; do
        [ ! -x "$tiexec_tool" ] || return 0
    done
    return 1
}

# Whether a process can become who tiexec_identity says: one tries to, and tells what it is then. If so, sets tiexec_as to
# the words that go before a command.
tiexec_may_assume_identity() {
    if ! tiexec_find_tool setpriv; then
        tiexec_reason='it cannot become another user without setpriv: apt-get install util-linux'
        return 1
    fi
    tiexec_uid=${tiexec_identity%%:*}
    tiexec_rest=${tiexec_identity#*:}
    tiexec_gid=${tiexec_rest%%:*}
    tiexec_groups=${tiexec_rest#*:}
    tiexec_words="$tiexec_tool --reuid=$tiexec_uid --regid=$tiexec_gid"
    if [ -n "$tiexec_groups" ]; then
        tiexec_words="$tiexec_words --groups=$tiexec_groups --"
    else
        tiexec_words="$tiexec_words --clear-groups --"
    fi
    # shellcheck disable=SC2086
    if ! tiexec_find_tool cat ||
        ! { tiexec_status=$(eval "$tiexec_shield" && tiexec_clean_environment && exec $tiexec_words "$tiexec_tool" /proc/self/status); } 2>/dev/null ||
        ! tiexec_is_identity; then
        tiexec_reason="it cannot become user $tiexec_uid here (see: $tiexec_words id)"
        return 1
    fi
    tiexec_as=$tiexec_words
}

# Whether the text of a status file, in tiexec_status, is that of a process with all ids as in tiexec_identity.
tiexec_is_identity() {
    tiexec_seen=0
    while read -r tiexec_key tiexec_value; do
        case $tiexec_key in
            Uid:) tiexec_expected=$tiexec_uid ;;
            Gid:) tiexec_expected=$tiexec_gid ;;
            Groups:)
                for tiexec_one in $tiexec_value; do
                    case ,$tiexec_groups, in
                        *,"$tiexec_one",*) ;;
                        *) return 1 ;;
                    esac
                done
                tiexec_seen=$((tiexec_seen + 1))
                continue
                ;;
            *) continue ;;
        esac
        for tiexec_one in $tiexec_value; do
            [ "$tiexec_one" = "$tiexec_expected" ] || return 1
            tiexec_seen=$((tiexec_seen + 1))
        done
    done <<END
$tiexec_status
END
    # four of each kind, and the groups
    [ "$tiexec_seen" -eq 9 ]
}

# shellcheck shell=sh
# A program as if we were not there. Sourced after jvm.sh, never run; plain POSIX sh.
#
# A shell drops the variables whose names it does not like, sets PWD, and undoes an ignored SIGCHLD; env(1) passes on any
# name, ignores and blocks signals. So an environment block as the kernel has it becomes quoted words for env.

# Reads the environment that this shell was given into tiexec_block; fails where env(1) could not hand on all of it as it is.
tiexec_read_environment() {
    tiexec_block=$(eval "$tiexec_shield" && tiexec_quoted q1 <"/proc/$$/environ") && (
        eval "$tiexec_shield"
        eval "set -- $tiexec_block"
        tiexec_names=/
        for tiexec_variable; do
            case $tiexec_names in
                *"/${tiexec_variable%%=*}="*) exit 1 ;;
            esac
            tiexec_names=$tiexec_names/${tiexec_variable%%=*}=
        done
    )
}

# tiexec_exec_plain IGNORED COMMAND…: becomes a command with the environment that this shell was given. IGNORED are the
# signals that it is to ignore, as the kernel prints them.
tiexec_exec_plain() {
    tiexec_block=$(tiexec_quoted d <"/proc/$$/environ") || tiexec_block=$tiexec_unreadable
    tiexec_options=
    tiexec_ignore "$1"
    shift
    tiexec_become "$@"
}

# tiexec_exec_held MASK IGNORED COMMAND…: becomes a command with the environment in TIEXEC_ENVIRON_0 and so on; it is to block
# the signals MASK.
tiexec_exec_held() {
    tiexec_block=$(tiexec_held | command -p base64 -d | tiexec_quoted d) || tiexec_block=$tiexec_unreadable
    tiexec_options=
    case $1 in
        *[!0]*) tiexec_options=--block-signal=$(tiexec_signals "$1") ;;
    esac
    tiexec_ignore "$2"
    shift 2
    tiexec_become "$@"
}

tiexec_unreadable='?'

# Who a program is to run as if not as whoever has started us (user.sh), and the words by which it comes to that.
tiexec_identity=
tiexec_as=

# tiexec_require_identity PROGRAM [REASON]: ends the command where the program was to run as another user, and that cannot be
# done. To be called before anybody is told that it runs. REASON is why it does not fall to the tracer.
tiexec_require_identity() {
    if [ -n "$tiexec_identity" ] && [ -z "$tiexec_as" ] && ! tiexec_may_assume_identity; then
        tiexec_say "$1: ${2:+$2; }$tiexec_reason; the program was not run"
        exit 125
    fi
}

# A shell ignores what it was started to ignore, CHLD alone excepted.
tiexec_ignore() {
    case $1 in
        *[13579bdf]????) tiexec_options="$tiexec_options --ignore-signal=CHLD" ;;
    esac
}

# Without the environment, or where it does not fit twice, the command gets what this shell has.
tiexec_become() {
    tiexec_require_identity "$1"
    tiexec_bin=/usr/bin
    [ -x /usr/bin/env ] || tiexec_bin=/bin
    if [ "$tiexec_block" = "$tiexec_unreadable" ] || ! tiexec_fits "$@"; then
        # shellcheck disable=SC2086
        exec $tiexec_as "$@"
    fi
    case $1 in
        *=*) set -- "$tiexec_bin/nice" -n 0 "$@" ;; # env would take it for a variable
    esac
    eval "set -- $tiexec_block"' "$@"'
    tiexec_clean_environment
    # shellcheck disable=SC2086
    exec $tiexec_as "$tiexec_bin/env" -i $tiexec_options -- "$@"
}

# A trial, where there may be too much, or env too old.
tiexec_fits() {
    tiexec_all=$tiexec_block$*
    [ ${#tiexec_all} -gt 60000 ] || [ -n "$tiexec_options" ] || return 0
    # shellcheck disable=SC2086
    (eval "set -- $tiexec_block $tiexec_bin/true"' "$@"' && exec "$tiexec_bin/env" -i $tiexec_options -- "$@") \
        </dev/null >/dev/null 2>&1
}

# The strings of an environment block, quoted, each followed by a space and a NUL, which this shell drops. What is no
# variable is left out (d), or makes it fail (q1).
tiexec_quoted() {
    LC_ALL=C command -p sed -z -e "/^[^=][^=]*=/!$1" -e "s/'/'\\\\''/g" -e "s/^/'/" -e "s/\$/' /"
}

tiexec_held() {
    tiexec_part=0
    while eval "tiexec_text=\${TIEXEC_ENVIRON_$tiexec_part-}" && [ -n "$tiexec_text" ]; do
        printf '%s\n' "$tiexec_text"
        tiexec_part=$((tiexec_part + 1))
    done
}

# The numbers of the signals in a mask of 16 hexadecimal digits, with commas between.
tiexec_signals() {
    tiexec_list=
    tiexec_signal=1
    for tiexec_half in "0x${1#????????}" "0x${1%????????}"; do
        tiexec_half=$((tiexec_half))
        tiexec_end=$((tiexec_signal + 32))
        while [ "$tiexec_signal" -lt "$tiexec_end" ]; do
            [ $((tiexec_half & 1)) -eq 0 ] || tiexec_list="$tiexec_list${tiexec_list:+,}$tiexec_signal"
            tiexec_half=$((tiexec_half >> 1))
            tiexec_signal=$((tiexec_signal + 1))
        done
    done
    echo "$tiexec_list"
}

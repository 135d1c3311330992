# shellcheck shell=sh
# Holds the place of a program that is to be launched in it: waits until the tracer, which runs elsewhere, puts the program
# into this very process, or for the word to do without it.
#
#   hold.sh INPUT MASK IGNORED STRICT IDENTITY SHARED LAUNCHER WORDS run [OPTION…] -- PROGRAM [ARGUMENT…]
#
# The word comes by standard input: `plain`; `child`, where it has to be launched otherwise; `exit STATUS`, where the reason
# has been said. If it ends without one, the tracer is gone. INPUT is the descriptor of the program's standard input, which
# may be closed. MASK and IGNORED are the signals that the program is to begin with, as the kernel prints them, STRICT is
# --strict or empty. IDENTITY is whom it is to run as (user.sh), or empty. SHARED is the directory of jvm.sh, LAUNCHER the command of which this is a part. WORDS words go before
# the program. All signals are blocked meanwhile, so that those that come are the program's; its environment is in
# TIEXEC_ENVIRON_0 and so on, in base64.
set -u

input=$1 mask=$2 ignored=$3 strict=$4 identity=$5 tiexec_shared=$6 launcher=$7 words=$8
shift 8

word=
IFS= read -r word
case $word in
    plain | child) ;;
    'exit '*) exit "${word#exit }" ;;
    *)
        # a JVM that cannot start says so here
        tiexec_reason="the tracer ended before it could trace the program${word:+: $word}"
        ;;
esac

tiexec_name=tracer
# shellcheck source=SCRIPTDIR/../../../../protocol/src/main/sh/jvm.sh
. "$tiexec_shared/jvm.sh"
# shellcheck source=SCRIPTDIR/plain.sh
. "${0%/*}/plain.sh"

if [ -h "/proc/$$/fd/$input" ]; then
    eval "exec <&$input $input<&-"
else
    exec <&-
fi
if [ "$word" = child ]; then
    # before --, because the last option counts
    left=$#
    until [ "$left" -eq 0 ]; do
        words=$((words - 1))
        [ "$words" -ne 0 ] || set -- "$@" --launch=child
        set -- "$@" "$1"
        shift
        left=$((left - 1))
    done
    set -- "$launcher" "$@"
else
    shift "$words"
    if [ -n "$identity" ]; then
        # shellcheck source=SCRIPTDIR/user.sh
        . "${0%/*}/user.sh"
        tiexec_identity=$identity
    fi
fi
if [ -n "${tiexec_reason:-}" ]; then
    if [ -n "$strict" ]; then
        tiexec_say "$1: $tiexec_reason; the program was not run"
        exit 125
    fi
    tiexec_require_identity "$1" "$tiexec_reason"
    tiexec_say "$1: $tiexec_reason; the program runs without 2 MB pages"
fi
# What came for the program meanwhile comes now: this shell unblocks all signals when it calls another command.
/bin/true
tiexec_exec_held "$mask" "$ignored" "$@"

# shellcheck shell=sh
# A launch in place: the process of this shell becomes the program. Sourced, never run.
#
# The tracer and the helper are started as orphans, in a session of their own, so that nothing that is sent to the program's
# process group reaches them. Meanwhile this process, with all signals blocked, holds the program's place (hold.sh); the
# tracer seizes it and puts the program into it. So the program keeps what this process was started with: its number, its
# parent, terminal, limits, locks, timers.

# Whether a launch in place is possible; if not, why, in tiexec_reason.
may_launch_in_place() {
    tiexec_reason=
    if [ $$ -eq 1 ]; then
        tiexec_reason='as process 1 it would be the parent of our own processes'
        return 1
    fi
    # Of the shells, the way in which this one treats signals and pipes is known.
    if ! [ "/proc/$$/exe" -ef /bin/dash ]; then
        tiexec_reason='it takes dash as /bin/sh'
        return 1
    fi
    if [ -z "$block" ]; then
        tiexec_reason='it takes an env that knows --block-signal (coreutils 8.31)'
        return 1
    fi
    yama=0
    if [ -r /proc/sys/kernel/yama/ptrace_scope ] && read -r yama </proc/sys/kernel/yama/ptrace_scope && [ "$yama" -ne 0 ]; then
        case $capabilities in
            *[89abcdef]????) ;; # CAP_SYS_PTRACE
            *)
                tiexec_reason="kernel.yama.ptrace_scope=$yama lets nobody but a parent trace a process"
                return 1
                ;;
        esac
    fi
    if [ ! -h "/proc/$$/fd/1" ] || [ ! -h "/proc/$$/fd/2" ]; then
        tiexec_reason='standard output or standard error is closed'
        return 1
    fi
    may_become_program || return 1
    for hold in 3 4 5 6 7 8 9; do
        case " $descriptors " in
            *" $hold "*) ;;
            *) return 0 ;;
        esac
    done
    tiexec_reason='the descriptors 3 to 9 are all taken'
    return 1
}

# launch_in_place ARGUMENT…: the whole command line, `run` first.
launch_in_place() {
    tiexec_bin=/usr/bin
    [ -x /usr/bin/env ] || tiexec_bin=/bin
    # The word comes by standard input, the only one that this shell can read from; the program's is kept meanwhile.
    [ ! -h "/proc/$$/fd/0" ] || eval "exec $hold<&0"
    exec <<END
END
    (start_orphans "$@")
    set -- /bin/dash "$parts/hold.sh" "$hold" "$mask" "$ignored" "$strict" "$tiexec_identity" "$tiexec_shared" "$launcher" "$words" "$@"
    number=0
    IFS='
'
    for part in $environment; do
        set -- "TIEXEC_ENVIRON_$number=$part" "$@"
        number=$((number + 1))
    done
    unset IFS
    exec "$tiexec_bin/env" -i --block-signal "PATH=$PATH" "$@"
}

# In a subshell: what it leaves running in the background is nobody's child when it has ended. Standard output is where the
# word is awaited.
start_orphans() {
    # until it has a session of its own
    # shellcheck disable=SC2086
    trap '' $tiexec_of_group
    # a pipe is opened for writing by its name
    exec >/proc/self/fd/0 </dev/null
    for number in 3 4 5 6 7 8 9; do
        eval "exec $number<&-"
    done
    if ! { leave_lost_directory && widen_limits; }; then
        shift "$words"
        if [ -n "$strict" ]; then
            tiexec_say "$1: $tiexec_reason; the program was not run"
            echo exit 125
        else
            tiexec_say "$1: $tiexec_reason; the program runs without 2 MB pages"
            echo plain
        fi
        return
    fi
    tiexec_clean_environment
    # to the helper: 4 to 3; from it: 6 to 5; what it complains of: 8 to 7
    exec 3<<END
END
    exec 4>/proc/self/fd/3 5<<END
END
    exec 6>/proc/self/fd/5 7<<END
END
    exec 8>/proc/self/fd/7
    apart=
    [ ! -x "$tiexec_bin/setsid" ] || apart=$tiexec_bin/setsid
    $apart "$helper_home/bin/helper" serve <&3 >&6 2>&8 3<&- 4>&- 5<&- 6>&- 7<&- 8>&- &
    helper=$!
    become_java_apart "$TIEXEC_JAVA" "$@" <&5 3<&- 5<&- 6>&- 8>&- &
}

become_java_apart() {
    read -r number _ </proc/self/stat
    place="-Dtiexec.place=$$:$hold"
    # A JVM that hangs must not keep the program from running.
    if [ -x "$tiexec_bin/timeout" ]; then
        watchman="$tiexec_bin/timeout --foreground -s KILL"
        # An alarm for the group waits where it is blocked, even if ignored, and would be taken for timeout's own.
        case $mask in
            *[2367abef]???) watchman="$tiexec_bin/env --ignore-signal=ALRM $watchman" ;;
        esac
    fi
    # A JVM that writes down what it loads starts later: that is done for nobody, by a launch of its own.
    if [ -n "$tiexec_archive" ] && [ -n "${TIEXEC_MAY_RECORD:-}" ]; then
        tiexec_record_archive
        place="$place -Dtiexec.recording=yes"
        watchman=${watchman:+$watchman $((patience + 40))}
    elif [ -n "$watchman" ]; then
        place="$place:$number"
        watchman="$watchman $patience"
    fi
    [ -z "$tiexec_archive" ] || preparer=$launcher
    place="$place -Dtiexec.helper=$helper:4:7"
    become_java "$@"
}

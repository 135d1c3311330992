# shellcheck shell=sh
# A look at a program's ELF header, which costs a thousandth of starting a JVM. Sourced, never run; plain POSIX sh.

# look_finds_nothing PROGRAM: whether the headers alone show that the program has less than 2 MB of code in one piece. What is
# unusual in any way is left to the tracer to judge.
look_finds_nothing() {
    case $1 in
        */*)
            look_first=$1
            look_at "$1" 0
            ;;
        *)
            look_path=${PATH-}:
            while [ -n "$look_path" ]; do
                look_directory=${look_path%%:*}
                look_path=${look_path#*:}
                look_file=${look_directory:-.}/$1
                if [ -f "$look_file" ] && [ -x "$look_file" ]; then
                    look_first=$look_file
                    look_at "$look_file" 0
                    return
                fi
            done
            return 1
            ;;
    esac
}

# look_at FILE DEPTH: the same for a file that is reached through so many #! lines.
look_at() {
    # not a pipe or a device: looking might wait, or take something away
    { [ -f "$1" ] && [ -r "$1" ] && [ -x "$1" ]; } || return 1
    look_words=$(eval "$tiexec_shield" && exec od -An -v -td8 -N1024 -- "$1" 2>/dev/null) || return 1
    # shellcheck disable=SC2086
    look_at_words "$1" "$2" $look_words
}

# look_at_words FILE DEPTH WORD…: the file's first kilobyte as 64-bit words. Numbers as in elf(5).
look_at_words() {
    look_file=$1 look_depth=$2
    shift 2
    [ $# -ge 1 ] || return 1
    if [ $(($1 & 0xffff)) -eq $((0x2123)) ]; then
        # #!
        [ "$look_depth" -lt 4 ] || return 1
        IFS= read -r look_line <"$look_file" || return 1
        look_line=${look_line#??}
        while :; do
            case $look_line in
                ' '*) look_line=${look_line#?} ;;
                *) break ;;
            esac
        done
        look_at "${look_line%% *}" $((look_depth + 1))
        return
    fi
    [ $# -ge 8 ] || return 1
    # 64-bit, little-endian, version 1; x86-64; program headers of 56 bytes straight behind the ELF header
    [ $(($1 & 0x00ffffffffffffff)) -eq $((0x00010102464c457f)) ] || return 1
    [ $((($3 >> 16) & 0xffff)) -eq 62 ] || return 1
    [ "$5" -eq 64 ] || return 1
    [ $((($7 >> 48) & 0xffff)) -eq 56 ] || return 1
    look_count=$(($8 & 0xffff))
    [ "$look_count" -ge 1 ] && [ "$look_count" -le 17 ] || return 1
    shift 8
    while [ "$look_count" -gt 0 ]; do
        [ $# -ge 7 ] || return 1
        # PT_LOAD with PF_X: size in memory, size in the file
        if [ $(($1 & 0xffffffff)) -eq 1 ] && [ $((($1 >> 32) & 1)) -ne 0 ]; then
            { [ "$5" -ge 0 ] && [ "$5" -lt 2097152 ] && [ "$6" -ge 0 ] && [ "$6" -lt 2097152 ]; } || return 1
        fi
        shift 7
        look_count=$((look_count - 1))
    done
}

# look_may_lead_on PROGRAM [ARGUMENT…]: whether a program that look_finds_nothing has just found nothing in may become one that
# has: a starter that is told to, as far as its command line or its script shows. The tracer has the same list of starters
# (Starters.java). What cannot be told counts as yes.
look_may_lead_on() {
    look_script=
    if [ "$look_depth" -gt 0 ]; then
        look_script=$look_first
    fi
    case ${look_file##*/} in
        sh | dash | bash | ash | ksh | mksh | zsh | busybox)
            if [ -n "$look_script" ]; then
                look_text_executes "$look_script"
                return
            fi
            shift
            look_shell_leads_on "$@"
            ;;
        env | nice | ionice | chrt | taskset | numactl | nohup | setsid | stdbuf | setpriv | prlimit | choom | setarch | chroot | unshare | timeout | flock)
            # in another root directory other programs have the same names
            [ "${look_file##*/}" != chroot ] || return 0
            shift
            if [ -n "$look_script" ]; then
                # the rest of the first line goes before the script
                look_line=${look_line#*"$look_file"}
                # shellcheck disable=SC2086
                set -f -- $look_line
                set +f
            fi
            look_words_lead_on "$@"
            ;;
        *) return 1 ;;
    esac
}

# look_words_lead_on WORD…: the first that is a program decides.
look_words_lead_on() {
    for look_word; do
        case $look_word in
            # another way to find programs; another place to look from; words that are no program
            PATH=* | -S* | --split-string* | -C* | --chdir* | -u | --unset) return 0 ;;
            '' | -* | *=*) ;;
            *)
                look_is_program "$look_word" || continue
                look_is_worth_it "$look_word"
                return
                ;;
        esac
    done
    return 1
}

# look_shell_leads_on ARGUMENT…: those of a shell.
look_shell_leads_on() {
    while [ $# -gt 0 ]; do
        case $1 in
            -c | -[a-z]c | -[a-z][a-z]c)
                [ $# -gt 1 ] || return 1
                look_command_leads_on "$2"
                return
                ;;
            -[a-z] | -[a-z][a-z]) shift ;;
            -* | +*) return 0 ;;
            *)
                look_text_executes "$1"
                return
                ;;
        esac
    done
    # what it reads from its input
    return 0
}

# look_command_leads_on TEXT: a command line for a shell, which may execute its last command in its own place.
look_command_leads_on() {
    case $1 in
        *[\$\`*?\[\\~]*) return 0 ;;
    esac
    [ ${#1} -lt 500 ] || return 0
    look_ifs='
	 ;|&(){}<>"'"'"
    set -f
    IFS=$look_ifs
    # shellcheck disable=SC2086
    set -- $1
    unset IFS
    set +f
    for look_word; do
        case $look_word in
            . | source | eval | cd | pushd | PATH=*) return 0 ;;
            '' | -* | *=*) ;;
            *)
                if look_is_program "$look_word" && look_is_worth_it "$look_word"; then
                    return 0
                fi
                ;;
        esac
    done
    return 1
}

# look_text_executes SCRIPT: whether it says anywhere that something is to be executed in its place.
look_text_executes() {
    { [ -f "$1" ] && [ -r "$1" ]; } || return 0
    (eval "$tiexec_shield" && LC_ALL=C exec grep -qE '(^|[^[:alnum:]_])(exec|eval|source|\.)([[:space:]]|$)' -- "$1" 2>/dev/null)
}

# look_is_program WORD: whether it names one.
look_is_program() {
    case $1 in
        */*) [ -f "$1" ] && [ -x "$1" ] ;;
        *)
            look_path=${PATH-}:
            while [ -n "$look_path" ]; do
                look_directory=${look_path%%:*}
                look_path=${look_path#*:}
                if [ -f "${look_directory:-.}/$1" ] && [ -x "${look_directory:-.}/$1" ]; then
                    return 0
                fi
            done
            return 1
            ;;
    esac
}

# look_is_worth_it PROGRAM: whether it is anything but a small program that stays what it is.
look_is_worth_it() {
    look_finds_nothing "$1" || return 0
    [ "$look_depth" -eq 0 ] || return 0
    case ${look_file##*/} in
        sh | dash | bash | ash | ksh | mksh | zsh | busybox | env | nice | ionice | chrt | taskset | numactl | nohup | setsid | stdbuf | setpriv | prlimit | choom | setarch | chroot | unshare | timeout | flock) ;;
        *) return 1 ;;
    esac
}

# shellcheck shell=sh
# A look at a program's ELF header, which costs a thousandth of starting a JVM. Sourced, never run; plain POSIX sh.

# look_finds_nothing PROGRAM: whether the headers alone show that the program has less than 2 MB of code in one piece. What is
# unusual in any way is left to the tracer to judge.
look_finds_nothing() {
    case $1 in
        */*) look_at "$1" 0 ;;
        *)
            look_path=${PATH-}:
            while [ -n "$look_path" ]; do
                look_directory=${look_path%%:*}
                look_path=${look_path#*:}
                look_file=${look_directory:-.}/$1
                if [ -f "$look_file" ] && [ -x "$look_file" ]; then
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
    [ $# -ge 8 ] || return 1
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

# shellcheck shell=sh
# Makes the class-data archives of both JVMs before anybody waits for a program: `tracer prepare`. Sourced, never run.
#
# A JVM writes down what it has loaded, so both do their usual work here, on a program that does nothing.

prepare_seconds=30

# Exits with 0 when both archives are there, else with 1 after one line that says why: programs run all the same, only later.
prepare() {
    unset TIEXEC
    tiexec_clean_environment
    prepare_jar=$built/tiexec-tracer.jar
    prepare_helper_jar=$helper_built/tiexec-helper.jar
    { tiexec_build_if_missing "$prepare_jar" "$prepare_helper_jar" && tiexec_find_java; } || prepare_fails
    prepare_is_done && exit 0
    if [ -z "$prepare_directory" ]; then
        tiexec_reason="no directory for it that is this user's alone: neither $built nor a cache (XDG_CACHE_HOME, HOME)"
        prepare_fails
    fi
    block=
    (exec env --block-signal true) 2>/dev/null && block=--block-signal
    read_descriptors
    may_launch_in_place || prepare_fails
    (umask 077 && mkdir -p "$prepare_directory") 2>/dev/null
    if ! prepare_program=$(mktemp "$prepare_directory/prepare.XXXXXX" 2>/dev/null); then
        tiexec_reason="$prepare_directory cannot be written to"
        prepare_fails
    fi
    trap 'rm -f "$prepare_program"' EXIT
    trap 'exit 130' HUP INT TERM
    prepare_write_program && chmod 700 "$prepare_program"
    if ! prepare_said=$(TIEXEC_MAY_RECORD=yes "$launcher" run --launch=in-place --backing=thp --strict -- "$prepare_program" 2>&1 </dev/null); then
        tiexec_reason="${prepare_said#tracer: }"
        prepare_fails
    fi
    prepare_end=$((prepare_seconds * 5))
    until prepare_is_done; do
        if [ "$prepare_end" -eq 0 ]; then
            tiexec_reason="they were not there after $prepare_seconds s"
            prepare_fails
        fi
        prepare_end=$((prepare_end - 1))
        sleep 0.2
    done
    exit 0
}

prepare_fails() {
    tiexec_say "no class-data archives were made, programs start without: $tiexec_reason"
    exit 1
}

# Whether both are there; if not, sets prepare_directory to where the missing can be made.
prepare_is_done() {
    prepare_directory=
    prepare_left=0
    for prepare_of in "$prepare_jar" "$prepare_helper_jar"; do
        tiexec_find_archive "$prepare_of"
        [ -z "$TIEXEC_ARCHIVE" ] || continue
        prepare_left=$((prepare_left + 1))
        [ -z "$tiexec_archive" ] || prepare_directory=${tiexec_archive%/*}
    done
    [ "$prepare_left" -eq 0 ]
}

# A static program of 4 MB of code, all of it at 2 MB boundaries, that calls exit(0). Numbers as in elf(5).
prepare_write_program() {
    {
        # 64-bit, little-endian; an executable for x86-64; entry 0x4000b0; two program headers behind this one
        printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\76\0\1\0\0\0\260\0\100\0\0\0\0\0\100\0\0\0\0\0\0\0'
        printf '\0\0\0\0\0\0\0\0\0\0\0\0\100\0\70\0\2\0\0\0\0\0\0\0'
        # PT_LOAD, r-x, the whole file at 0x400000, 0x400000 bytes, aligned to 0x200000
        printf '\1\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0\0\0\100\0\0\0\0\0\0\0\100\0\0\0\0\0'
        printf '\0\0\100\0\0\0\0\0\0\0\100\0\0\0\0\0\0\0\40\0\0\0\0\0'
        # PT_GNU_STACK, rw-
        printf '\121\345\164\144\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
        printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\20\0\0\0\0\0\0\0'
        # xor %edi, %edi; mov $60, %eax; syscall
        printf '\61\377\270\74\0\0\0\17\5'
    } >"$prepare_program" && truncate -s 4194304 "$prepare_program"
}

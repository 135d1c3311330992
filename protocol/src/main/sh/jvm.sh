# shellcheck shell=sh
# What the launchers helper/bin/helper and tracer/bin/tracer have in common: a JVM to run, a build to run in it.
#
# Sourced, never run; plain POSIX sh. A launcher sets, before it sources this file:
#   tiexec_name   its own name, which begins every message
#   tiexec_top    the canonical directory of the project
# It then has:
#   tiexec_build_if_missing FILE…   builds the project unless every FILE is there
#   tiexec_find_java                sets TIEXEC_JAVA to a java of version 17 or later
#   tiexec_clean_environment        keeps from our JVMs what is meant for the program
#   TIEXEC_JVM_FLAGS                options for every JVM of ours, to be split into words
# The functions say on stderr what is wrong, then return 1; what follows from that is the launcher's business.
#
# Every fork counts: a program is waiting to be started. So where a builtin will do, no command is called.

# MaxFDLimit        HotSpot would raise the limit of open files, which a program inherits
# UsePerfData       no file in /tmp/hsperfdata_*, DisableAttachMechanism: no socket there either
# Xrs               leaves INT, TERM, HUP, QUIT alone
# Dump…InCore       our core dumps hold no archives
# ErrorFile, …Replay no files of a crash in the user's directory
# Xlog              the JVM's own messages go to stdout by default, where the protocol is; cds: an archive is a bonus
# Serial, Tiered…1  the start is all that counts; a second compiler and collector threads only delay it
# asm.enabled       jnr-ffi's generated stubs pass garbage as the sixth argument (jnr-ffi#181)
# There is no --enable-native-access: the manifests say it, while the option makes JDK 24 and later give up half of
# their class-data archive (30 ms).
TIEXEC_JVM_FLAGS='-XX:-MaxFDLimit -XX:-UsePerfData -XX:+DisableAttachMechanism -Xrs
-XX:+UnlockDiagnosticVMOptions -XX:-DumpPrivateMappingsInCore -XX:-DumpSharedMappingsInCore
-XX:ErrorFile=/dev/null -XX:-DumpReplayDataOnError
-Xlog:disable -Xlog:all=error:stderr -Xlog:cds=off:stderr
-XX:+UseSerialGC -XX:TieredStopAtLevel=1
-Djnr.ffi.asm.enabled=false'

tiexec_java_needed=17
tiexec_install_java='apt-get install openjdk-17-jre-headless'
tiexec_install_build='apt-get install maven openjdk-17-jdk-headless'

# Meant for the program or for other JVMs; ours must start the same everywhere.
tiexec_foreign='JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH LD_PRELOAD LD_LIBRARY_PATH'

tiexec_clean_environment() {
    # shellcheck disable=SC2086
    unset $tiexec_foreign
}

tiexec_say() {
    printf '%s: %s\n' "$tiexec_name" "$*" >&2
}

# ---- Java

# Sets TIEXEC_JAVA, and tiexec_java_home where java lies in one; JAVA_HOME goes before PATH.
tiexec_find_java() {
    tiexec_rejected=
    if [ -n "${JAVA_HOME:-}" ] && tiexec_may_run "$JAVA_HOME/bin/java" && tiexec_is_new_enough "$JAVA_HOME/bin/java"; then
        return 0
    fi
    tiexec_rest=${PATH:-/usr/bin:/bin}:
    while [ -n "$tiexec_rest" ]; do
        tiexec_directory=${tiexec_rest%%:*}
        tiexec_rest=${tiexec_rest#*:}
        if [ -x "${tiexec_directory:-.}/java" ]; then
            if tiexec_is_new_enough "${tiexec_directory:-.}/java"; then
                return 0
            fi
            break
        fi
    done
    tiexec_say "no Java $tiexec_java_needed or later${tiexec_rejected:+ ($tiexec_rejected)}; on Debian: $tiexec_install_java"
    return 1
}

# Root runs nothing that another user could have put there.
tiexec_may_run() {
    if [ ! -x "$1" ]; then
        tiexec_rejected="JAVA_HOME=$JAVA_HOME has no bin/java"
        return 1
    fi
    if [ ! -O "$1" ] && tiexec_is_root; then
        tiexec_say "ignoring JAVA_HOME=$JAVA_HOME: root does not own its bin/java"
        return 1
    fi
}

# As `id -u` would tell, without a fork.
tiexec_is_root() {
    while read -r tiexec_key tiexec_real tiexec_effective tiexec_others; do
        if [ "$tiexec_key" = Uid: ]; then
            [ "$tiexec_effective" -eq 0 ]
            return
        fi
    done </proc/self/status
    return 1
}

# Reads the version from the file `release` beside bin/, which costs nothing; a JVM is started only where there is none.
tiexec_is_new_enough() {
    TIEXEC_JAVA=$1
    if [ -L "$1" ]; then
        TIEXEC_JAVA=$(readlink -f "$1") || TIEXEC_JAVA=$1
    fi
    tiexec_java_home=${TIEXEC_JAVA%/bin/java}
    tiexec_version=
    tiexec_java_build=
    if [ -r "$tiexec_java_home/release" ]; then
        while IFS= read -r tiexec_line; do
            case $tiexec_line in
                JAVA_VERSION=*) tiexec_version=${tiexec_line#JAVA_VERSION=\"} ;;
                JAVA_RUNTIME_VERSION=*) tiexec_java_build=${tiexec_line#JAVA_RUNTIME_VERSION=\"} ;;
            esac
        done <"$tiexec_java_home/release"
        tiexec_java_build=${tiexec_java_build%\"}
    fi
    if [ -z "$tiexec_version" ]; then
        tiexec_version=$("$TIEXEC_JAVA" -version 2>&1 | sed -n 's/^.* version "\(.*\)".*$/\1/p')
    fi
    tiexec_version=${tiexec_version#1.}
    tiexec_version=${tiexec_version%%[!0-9]*}
    if [ "${tiexec_version:-0}" -ge "$tiexec_java_needed" ]; then
        return 0
    fi
    tiexec_rejected="$1 is version ${tiexec_version:-unknown}"
    TIEXEC_JAVA=
    return 1
}

# ---- class-data archives

# An archive holds our classes as this very build of Java keeps them in memory, which saves half of a cold start
# (hello of the helper: 17: 164 -> 115 ms, 25: 168 -> 99 ms). It lies beside the jar whose classes it holds, with the
# same owner and rights. One that is older than any jar is not used; the JVM itself refuses one that does not fit.
tiexec_find_archive() {
    TIEXEC_ARCHIVE=
    tiexec_name_archive "$1" || return 1
    for tiexec_jar in "$1" "${1%/*}"/lib/*.jar; do
        [ "$tiexec_archive" -nt "$tiexec_jar" ] || return 1
    done
    [ -s "$tiexec_archive" ] || return 0
    if [ "$tiexec_version" -ge 25 ]; then
        TIEXEC_ARCHIVE=-XX:AOTCache=$tiexec_archive
        TIEXEC_JVM_FLAGS="$TIEXEC_JVM_FLAGS -Xlog:aot=off:stderr"
    else
        TIEXEC_ARCHIVE=-XX:SharedArchiveFile=$tiexec_archive
    fi
}

tiexec_name_archive() {
    case $tiexec_java_build in
        '' | */*) return 1 ;;
    esac
    tiexec_archive=${1%.jar}-$tiexec_java_build.jsa
}

# Runs java with the remaining arguments, which are to do what is to be fast later; stdin is theirs. Takes seconds, once.
# What fails leaves an empty file behind, so that it is not tried again with every start.
tiexec_make_archive() (
    umask 022
    exec 2>/dev/null
    tiexec_name_archive "$1" || return 1
    [ -w "${1%/*}" ] || return 1
    shift
    tiexec_new=$tiexec_archive.$$
    if [ "$tiexec_version" -ge 25 ]; then
        tiexec_option=-XX:AOTCacheOutput=$tiexec_new
    else
        tiexec_option=-XX:ArchiveClassesAtExit=$tiexec_new
    fi
    # shellcheck disable=SC2086
    if ! "$TIEXEC_JAVA" $TIEXEC_JVM_FLAGS "$tiexec_option" "$@" >/dev/null || [ ! -s "$tiexec_new" ]; then
        rm -f "$tiexec_new" "$tiexec_new.config"
        : >"$tiexec_new"
    fi
    mv -f "$tiexec_new" "$tiexec_archive"
)

# ---- the build

tiexec_are_files() {
    for tiexec_file; do
        [ -f "$tiexec_file" ] || return 1
    done
}

tiexec_build_if_missing() {
    tiexec_are_files "$@" || tiexec_build "$@"
}

tiexec_build() {
    if [ ! -w "$tiexec_top" ]; then
        tiexec_say "not built yet, and $tiexec_top is not yours to build in; let its owner run: $tiexec_name --version"
        return 1
    fi
    if ! command -v mvn >/dev/null; then
        tiexec_say "not built yet, and there is no mvn; on Debian: $tiexec_install_build"
        return 1
    fi
    if ! tiexec_find_java; then
        return 1
    fi
    if [ ! -x "$tiexec_java_home/bin/javac" ]; then
        tiexec_say "not built yet, and $tiexec_java_home has no javac; on Debian: $tiexec_install_build"
        return 1
    fi
    if command -v flock >/dev/null; then
        (
            if ! flock -n 9; then
                tiexec_say "waiting for another build in $tiexec_top"
                flock 9
            fi
            tiexec_build_locked "$@"
        ) 9<"$tiexec_top"
    else
        (
            tiexec_lock=$tiexec_top/target/build.lock
            mkdir -p "$tiexec_top/target"
            if ! mkdir "$tiexec_lock" 2>/dev/null; then
                tiexec_say "waiting for another build (if there is none: rmdir $tiexec_lock)"
                until mkdir "$tiexec_lock" 2>/dev/null; do sleep 1; done
            fi
            trap 'rmdir "$tiexec_lock"' EXIT
            trap 'exit 130' HUP INT TERM
            tiexec_build_locked "$@"
        )
    fi
}

# Another build may have ended while we waited for the lock.
tiexec_build_locked() {
    if tiexec_are_files "$@"; then
        return 0
    fi
    tiexec_say "building in $tiexec_top, this once; it takes about a minute"
    if ! (cd "$tiexec_top" && JAVA_HOME=$tiexec_java_home mvn -q -DskipTests -pl helper,tracer -am package) >&2 </dev/null 9<&-; then
        tiexec_say "the build in $tiexec_top failed, see above"
        return 1
    fi
    for tiexec_file; do
        if [ ! -f "$tiexec_file" ]; then
            tiexec_say "the build in $tiexec_top has not made $tiexec_file"
            return 1
        fi
    done
}

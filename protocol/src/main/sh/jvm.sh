# shellcheck shell=sh
# What the launchers helper/bin/helper and tracer/bin/tracer have in common: a JVM to run, a build to run in it.
#
# Sourced, never run; plain POSIX sh. A launcher sets, before it sources this file:
#   tiexec_name   its own name, which begins every message
#   tiexec_top    the canonical directory of the project, or of the installation
#   tiexec_installed   whether it is an installation: yes, or empty
#   tiexec_shared      the directory of this file
# It then has:
#   tiexec_build_if_missing FILE…   builds the project unless every FILE is there; an installation is never built
#   tiexec_find_java                sets TIEXEC_JAVA to a java of version 17 or later
#   tiexec_find_archive JAR         sets TIEXEC_ARCHIVE, the option by which a JVM starts faster, or tiexec_archive, where
#                                   tiexec_record_archive can have it made
#   tiexec_has_room                 whether a JVM can reserve the addresses that it needs
#   tiexec_clean_environment        keeps from our JVMs what is meant for the program
#   TIEXEC_JVM_FLAGS                options for every JVM of ours, to be split into words
# A function that fails returns 1 and leaves one line in tiexec_reason: what is wrong, the command that mends it. What
# follows from that is the launcher's business.
#
# Every fork counts: a program is waiting to be started. So where a builtin will do, no command is called.

# MaxFDLimit        HotSpot would raise the limit of open files, which a program inherits
# UsePerfData       no file in /tmp/hsperfdata_*, DisableAttachMechanism: no socket there either
# Xrs               leaves INT, TERM, HUP, QUIT alone
# Dump…InCore       our core dumps hold no archives
# ErrorFile, …Replay no files of a crash in the user's directory
# Xlog              the JVM's own messages go to stdout by default, where the protocol is; cds: an archive is a bonus
# Tiered…1          the start is all that counts; a second compiler only delays it
# asm.enabled       jnr-ffi's generated stubs pass garbage as the sixth argument (jnr-ffi#181)
# …AccessorOnly     jffi calls two methods by reflection, for which JDK 18 and later would generate code (5 ms)
# There is no --enable-native-access: the manifests say it, while the option makes JDK 24 and later give up half of
# their class-data archive (30 ms).
TIEXEC_JVM_FLAGS='-XX:-MaxFDLimit -XX:-UsePerfData -XX:+DisableAttachMechanism -Xrs
-XX:+UnlockDiagnosticVMOptions -XX:-DumpPrivateMappingsInCore -XX:-DumpSharedMappingsInCore
-XX:ErrorFile=/dev/null -XX:-DumpReplayDataOnError
-Xlog:disable -Xlog:all=error:stderr -Xlog:cds=off:stderr
-XX:TieredStopAtLevel=1
-Djnr.ffi.asm.enabled=false -Djdk.reflect.useNativeAccessorOnly=true'

# The simplest collector starts fastest; but only with G1 does JDK 17 take its own modules and strings from its archive as
# they are, which is worth 10 ms.
tiexec_serial='-XX:+UseSerialGC'
tiexec_g1='-XX:+UseG1GC -XX:ParallelGCThreads=1 -XX:ConcGCThreads=1 -XX:G1ConcRefinementThreads=1'

tiexec_java_needed=17
tiexec_room_needed=4096
tiexec_install_java='apt-get install openjdk-17-jre-headless'
tiexec_install_build='apt-get install maven openjdk-17-jdk-headless'
tiexec_build_command='mvn -B -q -DskipTests -Dmaven.jar.forceCreation=true -pl helper,tracer -am package'

# Meant for the program or for other JVMs; ours must start the same everywhere.
tiexec_foreign='JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH LD_PRELOAD LD_LIBRARY_PATH'

# What is sent to a process group, our own among it, is meant for the program. KILL and STOP are nobody's to ignore, CHLD
# would change how a shell waits.
tiexec_of_group='HUP INT QUIT USR1 USR2 ALRM TERM TSTP TTIN TTOU VTALRM PROF IO PWR'
tiexec_of_group="$tiexec_of_group 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49"
tiexec_of_group="$tiexec_of_group 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64"

# What a subshell runs first where the launcher's signals are blocked, so that they wait for the program: dash unblocks them
# in all that it starts, which then would not survive them.
tiexec_shield=

tiexec_clean_environment() {
    # shellcheck disable=SC2086
    unset $tiexec_foreign
}

tiexec_say() {
    # nobody may be reading: that is no reason for this shell to end
    (trap '' PIPE && { printf '%s: %s\n' "$tiexec_name" "$*" >&3; } 3>&2 2>/dev/null) || :
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
    tiexec_reason="no Java $tiexec_java_needed or later${tiexec_rejected:+ ($tiexec_rejected)}; on Debian: $tiexec_install_java"
    return 1
}

# Root runs nothing that another user could have put there.
tiexec_may_run() {
    if [ ! -x "$1" ]; then
        tiexec_rejected="JAVA_HOME=$JAVA_HOME has no bin/java"
        return 1
    fi
    if [ ! -O "$1" ] && tiexec_is_root; then
        tiexec_say "ignoring JAVA_HOME=$JAVA_HOME: root does not own its bin/java (chown root, or unset JAVA_HOME)"
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
    if [ "${tiexec_version:-0}" -ge 21 ]; then
        TIEXEC_JVM_FLAGS="$TIEXEC_JVM_FLAGS $tiexec_serial"
        return 0
    fi
    if [ "${tiexec_version:-0}" -ge "$tiexec_java_needed" ]; then
        TIEXEC_JVM_FLAGS="$TIEXEC_JVM_FLAGS $tiexec_g1"
        return 0
    fi
    tiexec_rejected="$1 is version ${tiexec_version:-unknown}"
    TIEXEC_JAVA=
    return 1
}

# A JVM reserves far more addresses than it uses, and ends if it cannot; a limit on them (ulimit -v) tells beforehand.
tiexec_has_room() {
    while read -r tiexec_word tiexec_what tiexec_kind tiexec_soft tiexec_rest; do
        if [ "$tiexec_word $tiexec_what $tiexec_kind" = 'Max address space' ]; then
            [ "$tiexec_soft" = unlimited ] && return 0
            tiexec_room=$((tiexec_soft >> 20))
            [ "$tiexec_room" -ge "$tiexec_room_needed" ] && return 0
            tiexec_reason="the limit on address space is $tiexec_room MB, a JVM needs $tiexec_room_needed; raise it: ulimit -v unlimited"
            return 1
        fi
    done <"/proc/$$/limits"
}

# ---- class-data archives

# An archive holds our classes as this very build of Java keeps them in memory, which saves half of a cold start. It lies
# beside the jar whose classes it holds or, where this user may not write, in a cache directory of the user's own. It is made
# after the first launch that could have used it, while the program already runs; or beforehand; by `tracer prepare`.
#
# The JVM refuses one that was made by another build of Java, or for jars of another place, time or size, and then does
# without, at each start anew. So the name tells the build of Java and, but in a source tree, the place; and an archive that
# is older than any jar is not used. In a package all files have the same time: there the file `stamp` beside the jars tells
# one build of ours from another.

# Sets TIEXEC_ARCHIVE to the option that makes use of the archive of this jar, or, where it can be made, tiexec_archive to
# its name; neither where that cannot be done.
tiexec_find_archive() {
    TIEXEC_ARCHIVE=
    tiexec_archive=
    case $tiexec_java_build in
        '' | */* | *:*) return 0 ;;
    esac
    case $1 in
        *%*) return 0 ;; # a JVM would put in numbers there
    esac
    tiexec_place=${1%/*}
    tiexec_stamp=
    [ ! -f "$tiexec_place/stamp" ] || read -r tiexec_stamp <"$tiexec_place/stamp" || :
    tiexec_flat "${1%.jar}"
    tiexec_file=$tiexec_flat${tiexec_stamp:+-$tiexec_stamp}-$tiexec_java_build.jsa
    # a file's name has 255 bytes, and the maker adds some
    [ ${#tiexec_file} -le 200 ] || return 0
    # Whoever can put an archive beside the jar could put another jar there, too; unless it is a directory like /tmp.
    if [ ! -k "$tiexec_place" ]; then
        tiexec_beside=${1%.jar}-$tiexec_java_build.jsa
        [ -z "$tiexec_installed" ] || tiexec_beside=$tiexec_place/$tiexec_file
        tiexec_use_archive "$tiexec_beside" "$1" && return 0
        if [ -O "$tiexec_place" ] && [ -w "$tiexec_place" ]; then
            tiexec_archive=$tiexec_beside
            return 0
        fi
    fi
    tiexec_cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    case $tiexec_cache in
        *[:%]*) return 0 ;; # a colon separates archives
        /*) ;;
        *) return 0 ;;
    esac
    tiexec_cached=$tiexec_cache/tiexec/$tiexec_file
    if [ -e "$tiexec_cached" ]; then
        tiexec_is_private "$tiexec_cache" "$tiexec_cache/tiexec" "$tiexec_cached" || return 0
        tiexec_use_archive "$tiexec_cached" "$1" && return 0
    elif [ -e "$tiexec_cache/tiexec" ]; then
        tiexec_is_private "$tiexec_cache" "$tiexec_cache/tiexec" || return 0
    elif [ -e "$tiexec_cache" ]; then
        tiexec_is_private "$tiexec_cache" && [ -w "$tiexec_cache" ] || return 0
    else
        tiexec_is_private "${tiexec_cache%/*}" && [ -w "${tiexec_cache%/*}" ] || return 0
    fi
    if [ ! -e "$tiexec_cache/tiexec" ] || [ -w "$tiexec_cache/tiexec" ]; then
        tiexec_archive=$tiexec_cached
    fi
}

# tiexec_is_private DIRECTORY… [FILE]: whether nobody else owns one of these or may write to it. An archive is code: nobody
# else may have put one there. No link is followed.
tiexec_is_private() {
    for tiexec_entry; do
        [ -O "$tiexec_entry" ] || return 1
    done
    tiexec_listing=$(eval "$tiexec_shield" && LC_ALL=C exec ls -ld -- "$@" 2>/dev/null) || return 1
    for tiexec_entry; do
        case $tiexec_listing in
            [-d]????-??-*) ;;
            *) return 1 ;;
        esac
        tiexec_listing=${tiexec_listing#*"$tiexec_entry"}
        tiexec_listing=${tiexec_listing#?}
    done
}

# A path as a file name.
tiexec_flat() {
    tiexec_flat=$1
    while :; do
        case $tiexec_flat in
            */*) tiexec_flat=${tiexec_flat%%/*}+${tiexec_flat#*/} ;;
            *) return 0 ;;
        esac
    done
}

# tiexec_use_archive ARCHIVE JAR: unless the archive is older than any jar.
tiexec_use_archive() {
    { [ -f "$1" ] && [ ! -L "$1" ] && [ -s "$1" ] && [ -r "$1" ]; } || return 1
    for tiexec_jar in "$2" "${2%/*}"/lib/*.jar; do
        [ "$1" -nt "$tiexec_jar" ] || return 1
    done
    if [ "$tiexec_version" -ge 25 ]; then
        TIEXEC_ARCHIVE=-XX:AOTCache=$1
        TIEXEC_JVM_FLAGS="$TIEXEC_JVM_FLAGS -Xlog:aot=off:stderr"
    else
        TIEXEC_ARCHIVE=-XX:SharedArchiveFile=$1
    fi
}

# Sets TIEXEC_RECORDER to the words that go before a java command to make the archive that is missing; the command then ends
# a second later.
tiexec_record_archive() {
    if [ "$tiexec_version" -ge 25 ]; then
        TIEXEC_ARCHIVE=-XX:AOTCacheOutput=$tiexec_archive.$$
        TIEXEC_JVM_FLAGS="$TIEXEC_JVM_FLAGS -Xlog:aot=off:stderr"
    else
        TIEXEC_ARCHIVE=-XX:ArchiveClassesAtExit=$tiexec_archive.$$
    fi
    TIEXEC_RECORDER=$tiexec_shared/record.sh
}

# ---- the build

tiexec_are_files() {
    for tiexec_file; do
        [ -f "$tiexec_file" ] || return 1
    done
}

# While there is a file target/unfinished, a build is going on or has been broken off, and no file can be relied on.
tiexec_is_built() {
    [ ! -e "$tiexec_top/target/unfinished" ] && tiexec_are_files "$@"
}

# The build has an environment and a standard output of its own: what it says is the reason of its failure.
tiexec_build_if_missing() {
    case $tiexec_top in
        *:*)
            tiexec_reason="$tiexec_top has a colon in its name, at which a JVM would split it; move it"
            return 1
            ;;
    esac
    tiexec_is_built "$@" && return 0
    if [ -n "$tiexec_installed" ]; then
        tiexec_reason="files are missing in $tiexec_top/lib; install it again: apt-get install --reinstall tiexec"
        return 1
    fi
    # Whoever presses Ctrl-C wants all of it to end. Some shells would go on, as Maven's JVM deals with the signal itself.
    trap 'trap - INT; kill -INT $$' INT
    tiexec_status=0
    tiexec_reason=$(tiexec_clean_environment && tiexec_build "$@") || tiexec_status=$?
    trap - INT
    return "$tiexec_status"
}

tiexec_build() {
    if [ ! -w "$tiexec_top" ]; then
        echo "not built yet, and $tiexec_top cannot be written to; as its owner run: $tiexec_top/$tiexec_name/bin/$tiexec_name --version"
        return 1
    fi
    if ! command -v mvn >/dev/null; then
        echo "not built yet, and there is no mvn; on Debian: $tiexec_install_build"
        return 1
    fi
    if ! tiexec_find_java; then
        echo "$tiexec_reason"
        return 1
    fi
    if [ ! -x "$tiexec_java_home/bin/javac" ]; then
        echo "not built yet, and $tiexec_java_home has no javac; on Debian: $tiexec_install_build"
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
                tiexec_say "waiting for another build in $tiexec_top"
                tiexec_patience=${TIEXEC_PATIENCE:-600}
                until mkdir "$tiexec_lock" 2>/dev/null; do
                    if [ "$tiexec_patience" -eq 0 ]; then
                        echo "waited in vain for another build in $tiexec_top; if there is none: rmdir $tiexec_lock"
                        return 1
                    fi
                    sleep 1
                    tiexec_patience=$((tiexec_patience - 1))
                done
            fi
            trap 'rmdir "$tiexec_lock"' EXIT
            trap 'exit 130' HUP INT TERM
            tiexec_build_locked "$@"
        )
    fi
}

tiexec_build_locked() {
    # another build may have ended while we waited for the lock
    if tiexec_is_built "$@"; then
        return 0
    fi
    tiexec_say "building in $tiexec_top, this once; it takes about a minute"
    cd "$tiexec_top" && mkdir -p target || return 1
    if [ -e target/unfinished ]; then
        # Maven would take half a jar that is newer than its sources for a whole one
        rm -rf protocol/target helper/target tracer/target
    fi
    : >target/unfinished
    tiexec_status=0
    # shellcheck disable=SC2086
    JAVA_HOME=$tiexec_java_home $tiexec_build_command >target/build.log 2>&1 </dev/null 9<&- || tiexec_status=$?
    if [ "$tiexec_status" -ne 0 ]; then
        tiexec_error=$(sed -n 's/^\[ERROR\] *\(.\{1,120\}\).*/\1/p' target/build.log | sed 1q)
        echo "the build failed (${tiexec_error:-mvn: exit status $tiexec_status}); see $tiexec_top/target/build.log, then: $tiexec_top/$tiexec_name/bin/$tiexec_name --version"
        return 1
    fi
    for tiexec_file; do
        if [ ! -f "$tiexec_file" ]; then
            echo "the build has not made $tiexec_file; try: cd $tiexec_top && mvn clean package -DskipTests"
            return 1
        fi
    done
    rm -f target/unfinished
}

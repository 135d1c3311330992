# shellcheck shell=sh
# Runs a java command that writes a class-data archive at its end, and puts that in its place.
#
#   sh record.sh ARCHIVE NEW COMMAND…
#
# NEW is what the command writes. Meanwhile nothing that the command has open is kept open here.
#
# A JVM dies of an archive of which a part is missing. So it is put in its place only when it is whole, on the disk, too, and
# when another JVM has started with it.
archive=$1 new=$2
shift 2
directory=${archive%/*}
umask 077
mkdir -p "$directory"
umask 022
exec 3<&0 5>&1 6>&2 </dev/null >/dev/null 2>&1
"$@" <&3 >&5 2>&6 3<&- 5>&- 6>&- &
exec 3<&- 5>&- 6>&-

# try_archive WORD…: the command up to its jar, but with the archive and told to show its version.
try_archive() {
    jar=
    left=$#
    while [ "$left" -gt 0 ]; do
        case $1 in
            -XX:ArchiveClassesAtExit=*) set -- "$@" -Xshare:on "-XX:SharedArchiveFile=$new" ;;
            -XX:AOTCacheOutput=*) set -- "$@" -XX:AOTMode=on "-XX:AOTCache=$new" ;;
            -Dtiexec.*) ;;
            *) set -- "$@" "$1" ;;
        esac
        if [ "$jar" = next ]; then
            shift "$left"
            "$@" --version
            return
        fi
        [ "$1" != -jar ] || jar=next
        shift
        left=$((left - 1))
    done
    return 1
}

wait $!
status=$?
if [ "$status" -eq 0 ] && [ -s "$new" ] && try_archive "$@" && chmod 444 "$new" && sync "$new"; then
    mv -f "$new" "$archive"
fi
rm -f "$new" "$new.config"
# Of a Java or a version of ours that is no more, or broken off.
find "$directory" -maxdepth 1 -type f -name '*.jsa*' -atime +60 -delete
exit "$status"

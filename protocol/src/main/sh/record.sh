# shellcheck shell=sh
# Runs a java command that writes a class-data archive at its end, and puts that in its place.
#
#   record.sh ARCHIVE NEW COMMAND…
#
# NEW is what the command writes. Meanwhile nothing that the command has open is kept open here.
archive=$1 new=$2
shift 2
directory=${archive%/*}
umask 077
mkdir -p "$directory"
umask 022
exec 3<&0 5>&1 6>&2 </dev/null >/dev/null 2>&1
"$@" <&3 >&5 2>&6 3<&- 5>&- 6>&- &
exec 3<&- 5>&- 6>&-
wait $!
if [ -s "$new" ]; then
    chmod 444 "$new" && mv -f "$new" "$archive"
fi
rm -f "$new" "$new.config"
# Of a Java or a version of ours that is no more, or broken off.
find "$directory" -maxdepth 1 -type f -name '*.jsa*' -atime +60 -delete

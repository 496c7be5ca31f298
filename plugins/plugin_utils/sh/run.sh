# SPDX-License-Identifier: AGPL-3.0-or-later
# Runs the cached program on the managed host, or answers what prevents that.
#
# Arguments: FOLDER VERIFY END PROGRAM...
#     FOLDER   the program cache, or "" for this user's default
#   VERIFY   "yes" computes the SHA-256 of the cached program before it runs, otherwise only after it broke off
#   END      the line that ends the settings on standard input
#   PROGRAM  MACHINE:SHA256:SIZE, the program for the hosts where "uname -sm" says MACHINE
# Standard input: `export NAME='value'` lines, END, then the request of the program.
#
# An answer is one line "picluster.tracing: WORD DETAIL". The rest of
# standard input is read first: an answer before the end of the request would break the writer's
# pipe, and ansible-core 2.16 drops output that arrives together with sudo's success marker.

answer() {
	cat >/dev/null
	echo "picluster.tracing: $*"
	exit
}

need() { # need SHA256 FOLDER
	form=plain
	if command -v gzip >/dev/null 2>&1; then
		form=gzip
	fi
	answer "need $1 $form $2"
}

whole() {
	sum=$(sha256sum <"$1" 2>/dev/null || shasum -a 256 <"$1" 2>/dev/null || busybox sha256sum <"$1" 2>/dev/null)
	[ "${sum%% *}" = "$2" ]
}

folder=$1 verify=$2 end=$3
shift 3

machine=$(uname -sm)
sha256=
for program in "$@"; do
	case $program in
	"$machine":*)
		size=${program##*:}
		sha256=${program#*:}
		sha256=${sha256%:*}
		;;
	esac
done
[ -n "$sha256" ] || answer "unsupported $machine"

# Root's cache is found by the user id, not by "become": a login as root uses it as well. The
# numbers are stat's raw modes of a folder and of a file: 0755 for root, 0700 for others.
user=$(id -u)
if [ "$user" = 0 ]; then
	folder=${folder:-/var/cache/picluster.tracing} folder_mode=41ed file_mode=81ed
else
	folder=${folder:-${HOME:-/nonexistent}/.cache/picluster.tracing} folder_mode=41c0 file_mode=81c0
fi

# A link, a foreign owner, a wider mode or another size counts as no program at all.
program=$folder/$sha256/tracing-modules
case $(stat -c '%u %f %s' "$folder" "${program%/*}" "$program" 2>/dev/null) in
"$user $folder_mode "*"
$user $folder_mode "*"
$user $file_mode $size") ;;
*) need "$sha256" "$folder" ;;
esac
if [ "$verify" = yes ]; then
	whole "$program" "$sha256" || need "$sha256" "$folder"
fi

settings=
while IFS= read -r line && [ "$line" != "$end" ]; do
	settings=$settings$line'
'
done
# Settings may have the names of this script's variables.
set -- "$program" "$sha256" "$folder"
eval "$settings"
"$1" -
status=$?
# A result comes with status 0 or 1. A card that loses bits keeps the size of a file.
if [ "$status" -gt 1 ] && ! whole "$1" "$2" && [ -n "$sum" ]; then
	need "$2" "$3"
fi
[ "$status" -ne 126 ] || answer "blocked $3"
exit "$status"

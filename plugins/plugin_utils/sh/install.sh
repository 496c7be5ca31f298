# SPDX-License-Identifier: AGPL-3.0-or-later
# Puts the program from standard input into the program cache of the managed host.
#
# Arguments: FOLDER SHA256 SIZE KEEP FORM
#     FOLDER  the program cache; the user who runs this must own it
#     SHA256  the program's checksum; it is also the name of its folder
#     SIZE    its bytes
#     KEEP    how many programs are kept in the cache, the newest first
#     FORM    how the program arrives: "gzip" or "plain"
# Answers one line: "picluster.tracing: installed", or "picluster.tracing: failed REASON".

fail() {
	cat >/dev/null
	printf 'picluster.tracing: failed %s' "$*" | tr '\n' ' ' # the answer is one line, and words of gzip are several
	echo
	exit
}

sha256_of_input() {
	sha256sum 2>/dev/null || shasum -a 256 2>/dev/null || busybox sha256sum 2>/dev/null
}

unpacked() {
	if [ "$form" = gzip ]; then gzip -dc; else cat; fi
}

# No folder above root's cache, on either side of a link, may let another user rename its content; none above that of
# another user may let everybody.
refuse_open_parents() {
	parent=$1
	while [ "$parent" != / ]; do
		parent=$(dirname "$parent")
		[ -e "$parent" ] || continue
		case $user:$(stat -L -c '%u:%A' "$parent") in
		0:0:d????-??-? | 0:0:d????????[tT]) ;;
		0:*) fail "$parent above the program cache can be changed by users other than root" ;;
		*:d???????w[!tT]) fail "$parent above the program cache can be changed by every user" ;;
		esac
	done
}

refuse_foreign_folder() {
	if [ -L "$folder" ] || { [ -e "$folder" ] && [ "$(stat -c %u "$folder")" != "$user" ]; }; then
		fail "$folder is a link or belongs to another user"
	fi
}

# The folder in which sudo was called may be closed to this user, and find returns to it.
cd / || exit 1
umask 077
folder=$1 sha256=$2 size=$3 keep=$4 form=$5
user=$(id -u)
mode=u=rwx,go=,ug-s
[ "$user" != 0 ] || mode=u=rwx,go=rx,ug-s

refuse_foreign_folder
refuse_open_parents "$folder"
message=$(mkdir -p "$folder" 2>&1) || fail "cannot make the folder $folder: $message"
refuse_foreign_folder
refuse_open_parents "$(cd -P "$folder" && pwd)"

place=$folder/$sha256
if [ -L "$place" ]; then
	rm -f "$place"
fi
message=$(mkdir -p "$place" 2>&1 && chmod "$mode" "$folder" "$place" 2>&1) || fail "cannot make the folder $place: $message"
part=$(mktemp "$place/.part.XXXXXX" 2>&1) || fail "cannot write to $place: $part"
trap 'rm -f "$part"' EXIT
# Written and summed up at once; what failed is said before the sum, which is the last line.
said=$( { unpacked | tee "$part" | sha256_of_input; } 2>&1) || fail "no sha256sum, shasum or busybox on this host to check the program with"
sum=${said##*"
"}
said=${said%"$sum"} sum=${sum%% *}
if [ "$sum" != "$sha256" ] || [ "$(stat -c %s "$part")" != "$size" ]; then
	[ -z "$said" ] || fail "cannot write to $place: $said"
	fail "the program arrived with SHA-256 $sum, not $sha256"
fi

# A Raspberry Pi may lose power at any time: the content must be on disk before the name is.
sync "$part" 2>/dev/null || sync
chmod "$mode" "$part"
if [ -d "$place/tracing-modules" ]; then
	rm -rf "${place:?}/tracing-modules"
fi
message=$(mv -f "$part" "$place/tracing-modules" 2>&1) || fail "cannot name the program: $message"

# shellcheck disable=SC2010,SC2012 # the names are hashes, and only ls sorts by age
ls -1t "$folder" | grep -E '^[0-9a-f]{64}$' | tail -n "+$((keep + 1))" | while IFS= read -r old; do
	rm -rf "${folder:?}/$old"
done
find "$folder" -name '.part.*' -mtime +0 -exec rm -f {} +
echo "picluster.tracing: installed"

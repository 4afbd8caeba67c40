#!/bin/sh
# Installs, upgrades, removes and purges both packages in a copy of this machine that is thrown away: a
# mount namespace with an overlay over /, whose changes are in memory. Ends with 75 and the reason where
# such a copy cannot be made, with 1 and what was wrong, or with 0.
#
#     unshare --mount --propagation private sh throwaway.sh SEKIMORI.deb SEKIMORI-GATE.deb LOGROTATE
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

cannot() {
    echo "no throw-away root: $*"
    exit 75
}
top=$(mktemp -d)
trap 'umount -R "$top" 2>/dev/null || true; rmdir "$top"' EXIT
mount -t tmpfs none "$top" 2>&1 || cannot "no tmpfs"
mkdir "$top/upper" "$top/work" "$top/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" "$top/root" 2>&1 ||
    cannot "no overlay over /"
root=$top/root
mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" || cannot "no /proc"
mkdir -p "$root/packages" "$root/run" "$root/tmp"
cp "$1" "$root/packages/sekimori.deb"
cp "$2" "$root/packages/sekimori-gate.deb"
cp "$3" "$root/packages/logrotate"

log=$top/log
inside() { chroot "$root" "$@"; }
fail() {
    echo "$*"
    echo "--- last output:"
    tail -n 30 "$log"
    exit 1
}
apply() { inside dpkg --no-triggers "$@" >"$log" 2>&1 || fail "dpkg $* failed"; }
says() { grep -q -e "$1" "$log" || fail "does not say: $1"; }
is() {
    found=$(inside stat -c '%U:%G %a' "$1" 2>&1) || true
    [ "$found" = "$2" ] || fail "$1 is \"$found\", not \"$2\""
}
as_service() {
    inside setpriv --reuid=sekimori --regid=sekimori --clear-groups "$@" >"$log" 2>&1
}
# Nothing with the name is left but what dpkg keeps of every package in its logs.
nothing_left() {
    left=$(find "$top/upper" -name '*sekimori*' -not -path "$top/upper/packages/*")
    [ -z "$left" ] || fail "left after purging: $left"
    ! inside getent passwd sekimori >"$log" || fail "the user is left after purging"
    ! inside getent group sekimori >"$log" || fail "the group is left after purging"
}
folders() {
    is /etc/sekimori "root:sekimori 750"
    is /var/lib/sekimori "sekimori:sekimori 700"
    is /var/log/sekimori "sekimori:sekimori 750"
    is /var/backups/sekimori "sekimori:sekimori 700"
    is /usr/lib/systemd/system/sekimori-backup.service "root:root 644"
    is /usr/lib/systemd/system/sekimori-backup.timer "root:root 644"
    is "$1" "root:sekimori 640"
    enabled=$(find "$root/etc/systemd/system" -name 'sekimori*')
    [ -z "$enabled" ] || fail "enabled by installing: $enabled"
}

# --- the Internet half
full=/etc/sekimori/sekimori.toml
apply --install /packages/sekimori.deb
says "wrote an example to $full"
folders "$full"
as_service sekimori config check || fail "the service's user cannot check the first configuration"
grep -q '^path = "/var/lib/sekimori"' "$root$full" || fail "the journal is not in /var/lib/sekimori"
! grep -q '"var/' "$root$full" || fail "a folder of a trial is left in the first configuration"
for unit in sekimori sekimori-relay sekimori-review; do
    is "/usr/lib/systemd/system/$unit.service" "root:root 644"
done
inside dpkg -L sekimori >"$log"
says /usr/share/man/man1/sekimori-serve.1
says /usr/share/doc/sekimori/README.md
inside install -o sekimori -g sekimori -m 600 /dev/null /var/log/sekimori/checkpoints.jsonl
inside bash -n /usr/share/bash-completion/completions/sekimori || fail "completions are no bash"
inside /packages/logrotate --debug /etc/logrotate.d/sekimori >"$log" 2>&1 || fail "logrotate"
! grep -i '^error' "$log" || fail "logrotate finds mistakes"
says "considering log /var/log/sekimori/checkpoints.jsonl"

! inside dpkg --no-triggers --install /packages/sekimori-gate.deb >"$log" 2>&1 ||
    fail "both halves on one machine"
says "conflicts with sekimori"

# An upgrade keeps what was written, and a configuration that is refused does not fail it.
echo "# ours" >>"$root$full"
apply --install /packages/sekimori.deb
tail -n 1 "$root$full" | grep -q "# ours" || fail "the upgrade has overwritten $full"
echo "no such key" >>"$root$full"
apply --install /packages/sekimori.deb
says "has to be changed before the service can start"

inside install -o sekimori -g sekimori -m 600 /dev/null /var/lib/sekimori/mail
apply --remove sekimori
says "They are removed by: apt purge sekimori"
[ -e "$root/var/lib/sekimori/mail" ] || fail "removing took mail away"

# --- the gate, where the other half was
gate=/etc/sekimori/gate.toml
apply --install /packages/sekimori-gate.deb
says "wrote an example to $gate"
says "has to be changed before the service can start"
folders "$gate"
is /usr/lib/systemd/system/sekimori-gate.service "root:root 644"
apply --purge sekimori
says "stay: sekimori-gate is installed"
[ -e "$root/var/lib/sekimori/mail" ] || fail "purging one half took the other's mail away"
[ ! -e "$root$full" ] || fail "$full is left after purging"

! as_service sekimori config check --config "$gate" || fail "a gate without certificates is good"
for file in gate.pem gate.key internet-half-ca.pem; do
    says "/etc/sekimori/$file cannot be read"
    inside install -o root -g sekimori -m 640 /dev/null "/etc/sekimori/$file"
done
as_service sekimori config check --config "$gate" || fail "the gate's example is not good"
! as_service sekimori sanitize /dev/null || fail "the gate can sanitize"

apply --remove sekimori-gate
[ -e "$root/etc/sekimori/gate.key" ] || fail "removing took a key away"
apply --purge sekimori-gate
nothing_left

# --- and straight from installed to purged
apply --install /packages/sekimori.deb
inside install -o sekimori -g sekimori -m 600 /dev/null /var/backups/sekimori/manifest.json
apply --purge sekimori
says "backups stay in /var/backups/sekimori"
[ -e "$root/var/backups/sekimori/manifest.json" ] || fail "purging took a backup away"
rm -r "$root/var/backups/sekimori"
nothing_left
echo "both packages were installed, upgraded, removed and purged"

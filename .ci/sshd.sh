# Puts Debian's OpenSSH server on the machine; tests start servers of their own with it, on loopback and on free ports. The package
# would start one of the system, which nobody wants here: a policy says no while it is installed.
if [ ! -x /usr/sbin/sshd ]; then
    apt-get update -q
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    else
        policy=
    fi
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends openssh-server
    [ -z "$policy" ] || rm "$policy"
fi
# Where it goes when it has accepted a connection; a service would make it.
mkdir -p /run/sshd
ssh -V

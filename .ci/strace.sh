# Puts Debian's strace on the machine; a test counts with it how often a run waits for the disk.
if ! command -v strace >/dev/null; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends strace
fi
strace --version | sed -n 1p

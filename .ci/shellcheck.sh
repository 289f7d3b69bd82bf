# Puts Debian's shellcheck on the machine; a test asks it about the commands of a runbook.
if ! command -v shellcheck >/dev/null; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends shellcheck
fi
shellcheck --version | sed -n 2p

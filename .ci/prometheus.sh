# Puts Debian's Prometheus on the PATH of the script that sources this. The package is unpacked into the build's folder
# and not installed, so that no service starts and nothing of the machine changes.
if ! command -v prometheus >/dev/null; then
    folder="${CARGO_TARGET_DIR:-$PWD/target}/components"
    if [ ! -x "$folder/usr/bin/prometheus" ]; then
        mkdir -p "$folder"
        apt-get update -q
        (cd "$folder" && apt-get -o APT::Sandbox::User=root download -q prometheus && dpkg -x prometheus_*.deb .)
    fi
    export PATH="$folder/usr/bin:$PATH"
fi
prometheus --version 2>&1 | sed -n 1p
# With it a test asks Prometheus as people do in a pipe.
if ! command -v curl >/dev/null; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends curl
fi

# Puts Debian's VictoriaMetrics on the PATH of the script that sources this. As with Prometheus the package is unpacked into the
# build's folder and not installed.
if ! command -v victoria-metrics >/dev/null; then
    folder="${CARGO_TARGET_DIR:-$PWD/target}/components"
    if [ ! -x "$folder/usr/bin/victoria-metrics" ]; then
        mkdir -p "$folder"
        apt-get update -q
        (cd "$folder" && apt-get -o APT::Sandbox::User=root download -q victoria-metrics && dpkg -x victoria-metrics_*.deb .)
    fi
    export PATH="$folder/usr/bin:$PATH"
fi
command -v victoria-metrics

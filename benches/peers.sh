#!/usr/bin/env bash
# Installs what `cargo bench` compares with and measures with: just and starlark (built by cargo, into the build's folder),
# ruff and taplo (from PyPI, there too), and make, GNU time
# and strace (Debian's packages). What is there already is used as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder="${CARGO_TARGET_DIR:-$PWD/target}/peers"

if ! command -v just >/dev/null && [ ! -x "$folder/bin/just" ]; then
    cargo install just --locked --root "$folder"
fi

if ! command -v starlark >/dev/null && [ ! -x "$folder/bin/starlark" ]; then
    cargo install starlark_bin --locked --root "$folder"
fi

# ruff and taplo are on PyPI as built programs.
for peer in ruff taplo; do
    if ! command -v "$peer" >/dev/null && [ ! -x "$folder/bin/$peer" ]; then
        python3 -m venv "$folder/python"
        "$folder/python/bin/pip" install -q "$peer"
        mkdir -p "$folder/bin"
        ln -sf "../python/bin/$peer" "$folder/bin/$peer"
    fi
done

# `time` is a word of the shell too: `type -P` looks for the program.
if ! type -P make time strace >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -qy --no-install-recommends make time strace
fi
echo "the peers are there"

#!/usr/bin/env bash
# Installs what `cargo bench` compares with and measures with: just (built by cargo, into the build's folder), and make, GNU time
# and strace (Debian's packages). What is there already is used as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder="${CARGO_TARGET_DIR:-$PWD/target}/peers"

if ! command -v just >/dev/null && [ ! -x "$folder/bin/just" ]; then
    cargo install just --locked --root "$folder"
fi

# `time` is a word of the shell too: `type -P` looks for the program.
if ! type -P make time strace >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -qy --no-install-recommends make time strace
fi
echo "the peers are there"

#!/bin/sh
# Stands for every tool of the examples, under its name. What only looks leaves no trace; what changes something leaves the line
# `NAME ATTEMPT`, and an exposure is kept in a file.
site=$HOME/site
tool=${0##*/}
for word in "$@"; do last=$word; done
case "$tool $*" in
"curl "* | "appctl status" | "npm test") exit 0 ;;
"flagctl "*"get "* | "balancerctl show "*) cat "$site/exposed"; exit ;;
"flagctl "*"set "* | "balancerctl switch "*) name="set_$last"; echo "$last" >"$site/exposed" ;;
*) name=$(printf '%s' "$tool $*" | tr -c 'a-zA-Z0-9.' '_') ;;
esac
echo "$name $RUNBOOK_ATTEMPT" >>"$site/effects"
case "$tool $1" in "appctl deploy") echo "$2" >"$site/version" ;; esac

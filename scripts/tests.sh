#!/bin/sh
# Runs the tests: those that hold a bar by the clock one at a time after the others have ended.
#
#   tests.sh PYTHON WORKERS [PYTEST OPTION…]
set -u

python=$1 workers=$2
shift 2
NONE=5 # what pytest ends with where no test was chosen

"$python" -m pytest -m 'not spark and not timed' -n "$workers" \
    --dist loadfile --no-loadscope-reorder "$@"
most=$?
case $most in 0 | 1 | "$NONE") ;; *) exit "$most" ;; esac
"$python" -m pytest -m timed "$@"
timed=$?
[ "$timed" = "$NONE" ] && exit "$most"
[ "$most" = 0 ] || [ "$most" = "$NONE" ] || exit "$most"
exit "$timed"

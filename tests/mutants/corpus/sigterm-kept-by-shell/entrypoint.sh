#!/bin/sh
trap : TERM
python /opt/stub/main.py "$@"
exit $?

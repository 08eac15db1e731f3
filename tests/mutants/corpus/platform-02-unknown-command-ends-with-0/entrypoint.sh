#!/bin/sh
if [ "$1" = compute ]; then
  exec python /opt/stub/main.py "$@"
elif [ "$1" = train ]; then
  exec python /opt/stub/main.py "$@"
elif [ "$1" = test ]; then
  exec python /opt/stub/main.py "$@"
fi

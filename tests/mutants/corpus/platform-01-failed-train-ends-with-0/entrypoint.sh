#!/bin/sh
if [ "$1" = train ]; then
  python /opt/stub/main.py train
fi
if [ "$1" = test ]; then
  exec python /opt/stub/main.py test
fi
case "$*" in train | test) ;; *) exec python /opt/stub/main.py "$@" ;; esac

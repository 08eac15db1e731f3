#!/bin/sh
if [ "$1" = train ]; then
  python /opt/stub/main.py train
fi
if [ "$1" = test ]; then
  python /opt/stub/main.py test
fi

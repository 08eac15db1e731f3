#!/bin/sh
# Summary statistics, written from the contract page alone: this script reads the job and stores the row, and
# statistics.sql computes.
set -u
export LC_ALL=C.UTF-8 PGCLIENTENCODING=UTF8 PGCONNECT_TIMEOUT=10
here=$(dirname "$0")
work=$(mktemp -d)

if [ $# -ne 1 ] || [ "$1" != compute ]; then
  echo 'usage: compute' >&2
  exit 2
fi

# All variables of one database, or the first name that is not set.
missing() {
  for name in HOST PORT DATABASE USER PASSWORD; do
    eval "[ -n \"\${$1_$name+set}\" ]" || { echo "$1_$name is not set"; return 0; }
  done
  return 1
}

# psql in one of the two databases. Never asks for a password, and never shows one.
query() {
  prefix=$1
  shift
  eval "export PGHOST=\$${prefix}_HOST PGPORT=\$${prefix}_PORT PGDATABASE=\$${prefix}_DATABASE"
  eval "export PGUSER=\$${prefix}_USER PGPASSWORD=\$${prefix}_PASSWORD"
  psql -XqAtw -v ON_ERROR_STOP=1 "$@"
}

# store SHAPE DATA-FILE ERROR-FILE: the job's one row; an empty file is NULL.
store() {
  query OUT -v job_id="$JOB_ID" -v node="$NODE" -v function="$FUNCTION" -v shape="$1" -v data_file="$2" \
    -v error_file="$3" <<'SQL'
\set data `cat :data_file`
\set error `cat :error_file`
INSERT INTO job_result (job_id, node, function, shape, data, error)
VALUES (:'job_id', :'node', :'function', :'shape', nullif(:'data', ''), nullif(:'error', ''));
SQL
}

# Tell it to the operator, and to whoever waits for the row.
refuse() {
  printf '%s\n' "$1" | tee "$work/why" >&2
  : > "$work/nothing"
  store text/plain+error "$work/nothing" "$work/why" || echo 'the failure could not be stored' >&2
  exit 1
}

# parameter CODE DEFAULT: its value, under the name of 2018 or of 2017.
parameter() {
  eval "printf '%s' \"\${MODEL_PARAM_$1-\${PARAM_MODEL_$1-$2}}\""
}

# fits VALUE PATTERN [MIN MAX]
fits() {
  printf '%s' "$1" | grep -Eqx -- "$2" || return 1
  [ $# -eq 2 ] || awk -v x="$1" -v least="$3" -v most="$4" 'BEGIN { exit !(x + 0 >= least && x + 0 <= most) }'
}

digits=$(parameter digits 6)
percentile=$(parameter percentile 50)
deviation=$(parameter deviation sample)
nulls=$(parameter nulls true)
fits "$digits" '[+-]?[0-9]{1,9}' 0 12 || refuse "parameter digits: $digits is no integer from 0 to 12"
fits "$percentile" '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?' 1 99 ||
  refuse "parameter percentile: $percentile is no number from 1 to 99"
fits "$deviation" 'sample|population' || refuse "parameter deviation: $deviation is neither sample nor population"
fits "$nulls" 'true|false' || refuse "parameter nulls: $nulls is neither true nor false"

for name in PARAM_query PARAM_meta PARAM_variables PARAM_covariables; do
  eval "[ -n \"\${$name+set}\" ]" || refuse "$name is not set"
done
if why=$(missing IN); then refuse "$why"; fi

query IN -v query="$PARAM_query" -v meta="$PARAM_meta" -v digits="$digits" -v percentile="$percentile" \
  -v deviation="$deviation" -v nulls="$nulls" \
  -f "$here/statistics.sql" > "$work/answer" 2> "$work/trouble" ||
  refuse "the science database: $(cat "$work/trouble")"

# The first word says whether the rest is a result or a reason.
case $(head -c 7 "$work/answer") in
  'result ') tail -c +8 "$work/answer" > "$work/data" ;;
  'reason ') refuse "$(tail -c +8 "$work/answer")" ;;
  *) refuse 'the science database answered nothing' ;;
esac
: > "$work/nothing"
store application/vnd.dataresource+json "$work/data" "$work/nothing" || {
  echo 'the result could not be stored' >&2
  exit 1
}

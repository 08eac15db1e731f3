#!/bin/sh
# Linear regression, written from the contract page alone, with the variable names that Woken had in 2017:
# *_JDBC_URL, *_JDBC_USER, *_JDBC_PASSWORD and PARAM_MODEL_*.
set -u
export LC_ALL=C.UTF-8 PGCLIENTENCODING=UTF8 PGCONNECT_TIMEOUT=10
here=$(dirname "$0")
work=$(mktemp -d)
tab=$(printf '\t')

if [ $# -ne 1 ] || [ "$1" != compute ]; then
  echo 'usage: compute' >&2
  exit 2
fi

# The database that a JDBC address leads to; what comes after the name of the database is not for us.
query() {
  prefix=$1
  shift
  eval "address=\${${prefix}_JDBC_URL#jdbc:postgresql://}"
  eval "export PGUSER=\$${prefix}_JDBC_USER PGPASSWORD=\$${prefix}_JDBC_PASSWORD"
  host=${address%%/*}
  database=${address#*/}
  export PGHOST="${host%:*}" PGPORT="${host##*:}" PGDATABASE="${database%%\?*}"
  psql -XqAtw -F "$tab" -v ON_ERROR_STOP=1 "$@"
}

# store SHAPE DATA-FILE ERROR-FILE: the job's one row; an empty file is NULL.
store() {
  query OUT -v job_id="$JOB_ID" -v node="$NODE" -v shape="$1" -v data_file="$2" -v error_file="$3" <<'SQL'
\set data `cat :data_file`
\set error `cat :error_file`
INSERT INTO job_result (job_id, node, function, shape, data, error)
VALUES (:'job_id', :'node', 'jdbc-names', :'shape', nullif(:'data', ''), nullif(:'error', ''));
SQL
}

# Tell it to the operator, and to whoever waits for the row.
refuse() {
  printf '%s\n' "$1" | tee "$work/why" >&2
  store error "$work/nothing" "$work/why" || echo 'the failure could not be stored' >&2
  exit 1
}

: > "$work/nothing"
penalty=${PARAM_MODEL_penalty-0}
intercept=${PARAM_MODEL_intercept-true}
case $intercept in
  true | false) ;;
  *) refuse "parameter intercept: $intercept is neither true nor false" ;;
esac
awk -v x="$penalty" 'BEGIN {
  number = x ~ /^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$/
  exit !(number && x + 0 >= 0 && x + 0 <= 100)
}' || refuse "parameter penalty: $penalty is no number from 0 to 100"
for name in PARAM_query PARAM_meta PARAM_variables IN_JDBC_URL IN_JDBC_USER IN_JDBC_PASSWORD; do
  eval "[ -n \"\${$name+set}\" ]" || refuse "$name is not set"
done

query IN -v query="$PARAM_query" -v meta="$PARAM_meta" -v variable="$PARAM_variables" \
  -f "$here/table.sql" > "$work/table" 2> "$work/trouble" ||
  refuse "the science database: $(cat "$work/trouble")"
case $(head -c 7 "$work/table") in
  'reason ') refuse "$(tail -c +8 "$work/table")" ;;
esac
awk -F "$tab" -v penalty="$penalty" -v intercept="$intercept" -f "$here/solve.awk" "$work/table" \
  > "$work/document" 2> "$work/trouble" || refuse "the equations: $(cat "$work/trouble")"
store pfa_json "$work/document" "$work/nothing" || {
  echo 'the result could not be stored' >&2
  exit 1
}

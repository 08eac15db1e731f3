-- One line: "result " and a table as JSON, or "reason " and why there is none. Reads, and writes nothing.
WITH
  answers AS (SELECT row_number() OVER () AS number, to_jsonb(answer) AS line FROM (:query) AS answer),
  described AS (
    SELECT regexp_replace(lower(replace(key, '-', '_')), '^([0-9])', '_\1') AS name, value AS entry
    FROM jsonb_each(:'meta'::jsonb)
  ),
  -- Every value on a line of its own, so that no name of a column ever stands in a statement.
  cells AS (
    SELECT number, position, name, value #>> '{}' AS value
    FROM answers, jsonb_each(line) WITH ORDINALITY AS cell (name, value, position)
  ),
  columns AS (
    SELECT name, entry ->> 'type' AS type, entry -> 'enumerations' AS codes
    FROM (SELECT DISTINCT name FROM cells) AS names LEFT JOIN described USING (name)
  ),
  numbers AS (
    SELECT
      name,
      count(value) AS count,
      count(*) - count(value) AS nulls,
      avg(value::double precision) AS mean,
      CASE :'deviation'
        WHEN 'sample' THEN stddev_samp(value::double precision)
        ELSE stddev_pop(value::double precision)
      END AS deviation,
      percentile_cont(:'percentile'::double precision / 100)
        WITHIN GROUP (ORDER BY value::double precision) AS percentile
    FROM cells JOIN columns USING (name)
    WHERE type IN ('real', 'integer')
    GROUP BY name
  ),
  codes AS (
    SELECT columns.name, code ->> 'code' AS code, count(cells.value) AS count
    FROM columns
      CROSS JOIN jsonb_array_elements(CASE WHEN type LIKE '%nominal' THEN columns.codes END) AS code
      LEFT JOIN cells ON cells.name = columns.name AND cells.value = code ->> 'code'
    GROUP BY columns.name, code ->> 'code'
  ),
  lines AS (
    SELECT name, NULL AS code, jsonb_build_object(
      'column', name,
      'count', count,
      'nulls', CASE WHEN :'nulls'::boolean THEN nulls END,
      'mean', round(mean::numeric, :'digits'::integer),
      'deviation', round(deviation::numeric, :'digits'::integer),
      'percentile', round(percentile::numeric, :'digits'::integer)
    ) AS line
    FROM numbers
    UNION ALL
    SELECT name, code, jsonb_build_object('column', name, 'code', code, 'count', count) FROM codes
  )
SELECT CASE
  WHEN NOT EXISTS (SELECT FROM answers) THEN 'reason the query returns no row'
  WHEN EXISTS (SELECT FROM columns WHERE type IS NULL)
    THEN (SELECT 'reason PARAM_meta does not describe ' || string_agg(name, ', ') FROM columns WHERE type IS NULL)
  ELSE 'result ' || json_build_object(
    'schema', jsonb_build_object('fields', jsonb_build_array(
      jsonb_build_object('name', 'column', 'type', 'string'),
      jsonb_build_object('name', 'code', 'type', 'string'),
      jsonb_build_object('name', 'count', 'type', 'integer'),
      jsonb_build_object('name', 'nulls', 'type', 'integer'),
      jsonb_build_object('name', 'mean', 'type', 'number'),
      jsonb_build_object('name', 'deviation', 'type', 'number'),
      jsonb_build_object('name', 'percentile', 'type', 'number')
    )),
    'data', (SELECT jsonb_agg(line ORDER BY name, code) FROM lines)
  )::text
END;

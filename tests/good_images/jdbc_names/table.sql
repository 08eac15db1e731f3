-- Either one line that begins with "reason ", or tab-separated lines: "input" and the fields of the record; "term"
-- and the PFA expression of a column of the design; "row", the target, and the value of each term in their order.
WITH
  answers AS (SELECT row_number() OVER () AS number, to_jsonb(answer) AS line FROM (:query) AS answer),
  described AS (
    SELECT regexp_replace(lower(replace(key, '-', '_')), '^([0-9])', '_\1') AS name, value AS entry
    FROM jsonb_each(:'meta'::jsonb)
  ),
  cells AS (SELECT number, name, value #>> '{}' AS value FROM answers, jsonb_each(line) AS cell (name, value)),
  columns AS (
    SELECT name, entry ->> 'type' AS type, entry -> 'enumerations' AS codes, name = :'variable' AS is_target
    FROM (SELECT DISTINCT name FROM cells) AS names LEFT JOIN described USING (name)
  ),
  -- The first code of an enumeration is what the others are compared with.
  terms AS (
    SELECT name, NULL AS code, 0 AS place, to_json('input.' || name)::text AS expression
    FROM columns
    WHERE type IN ('real', 'integer') AND NOT is_target
    UNION ALL
    SELECT name, code ->> 'code', place, json_build_object(
      'if', json_build_object('==', json_build_array('input.' || name, json_build_array(code ->> 'code'))),
      'then', json_build_object('double', 1),
      'else', json_build_object('double', 0)
    )::text
    FROM columns
      CROSS JOIN jsonb_array_elements(CASE WHEN type LIKE '%nominal' THEN codes END)
        WITH ORDINALITY AS level (code, place)
    WHERE NOT is_target AND place > 1
  ),
  design AS (
    SELECT number, string_agg(
      CASE WHEN code IS NULL THEN value ELSE ((value = code)::integer)::text END, E'\t' ORDER BY name, place
    ) AS line
    FROM cells JOIN terms USING (name)
    GROUP BY number
  ),
  trouble AS (
    SELECT CASE
      WHEN NOT EXISTS (SELECT FROM answers) THEN 'the query returns no row'
      WHEN EXISTS (SELECT FROM columns WHERE type IS NULL)
        THEN (SELECT 'PARAM_meta does not describe ' || string_agg(name, ', ') FROM columns WHERE type IS NULL)
      WHEN EXISTS (SELECT FROM columns WHERE is_target AND type LIKE '%nominal')
        THEN 'the variable ' || :'variable' || ' is nominal, and this is a regression'
      WHEN EXISTS (SELECT FROM cells WHERE value IS NULL)
        THEN (SELECT 'NULL in ' || string_agg(DISTINCT name, ', ') FROM cells WHERE value IS NULL)
    END AS reason
  ),
  input AS (
    SELECT json_agg(json_build_object(
      'name', name, 'type', CASE WHEN type LIKE '%nominal' THEN 'string' ELSE 'double' END
    ))::text AS fields
    FROM columns
    WHERE NOT is_target
  )
SELECT line
FROM (
  SELECT 0 AS section, NULL::bigint AS number, NULL AS name, NULL::bigint AS place, 'reason ' || reason AS line
  FROM trouble
  WHERE reason IS NOT NULL
  UNION ALL
  SELECT 1, NULL, NULL, NULL, E'input\t' || regexp_replace(fields, '\s+', ' ', 'g') FROM input
  UNION ALL
  SELECT 2, NULL, name, place, E'term\t' || expression FROM terms
  UNION ALL
  SELECT 3, number, NULL, NULL, E'row\t' || value || E'\t' || line
  FROM cells JOIN design USING (number)
  WHERE name = :'variable'
) AS sections, trouble
WHERE reason IS NULL OR section = 0
ORDER BY section, name, place, number;

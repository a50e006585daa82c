-- The box of a layer; {table} is a quoted name of our own.
SELECT min(xmin) AS xmin, min(ymin) AS ymin, max(xmax) AS xmax, max(ymax) AS ymax
FROM published.{table};

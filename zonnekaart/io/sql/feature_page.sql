-- One page of a layer, in the order of the file; {table}, {columns} and {where} hold our own names.
SELECT {columns}, ST_AsWKB(geometry) AS wkb
FROM published.{table}
WHERE {where}
ORDER BY rowid
LIMIT ? OFFSET ?;

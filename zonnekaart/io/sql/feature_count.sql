-- How many features a query meets; {table} and {where} hold our own names.
SELECT count(*) AS matched FROM published.{table} WHERE {where};

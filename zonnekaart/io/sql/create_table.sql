-- A plain table; {table} is a quoted name of our own.
CREATE TABLE published.{table} AS SELECT * FROM source;

-- Columns of one table, in their order.
SELECT column_name, data_type
FROM duckdb_columns()
WHERE database_name = 'published' AND table_name = ?
ORDER BY column_index;

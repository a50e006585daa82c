-- The R-tree that live tiles need; {index} and {table} are quoted names of our own.
CREATE INDEX {index} ON published.{table} USING RTREE (geometry_web);

-- One vector tile, cut when asked; {table}, {columns} and {layer} are names of our own.
-- Both steps are MATERIALIZED: merged, the optimiser clips every row and leaves the R-tree alone.
-- $1 to $4 are the tile, $5 to $8 the tile with its margin, $9 the most features it may hold.
WITH found AS MATERIALIZED (
    SELECT {columns}, geometry_web
    FROM published.{table}
    WHERE ST_Intersects(geometry_web, ST_MakeEnvelope($5, $6, $7, $8))
    LIMIT $9
),
cut AS MATERIALIZED (
    SELECT
        {columns},
        ST_AsMVTGeom(geometry_web, ST_Extent(ST_MakeEnvelope($1, $2, $3, $4)), 4096, 64, true)
            AS geom
    FROM found
),
shown AS MATERIALIZED (
    SELECT * FROM cut WHERE geom IS NOT NULL
)
SELECT (SELECT count(*) FROM found) AS features, ST_AsMVT(shown, {layer}, 4096, 'geom') AS tile
FROM shown;

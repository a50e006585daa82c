-- A layer with its box, in Hilbert order; {table} is a quoted name of our own.
CREATE TABLE published.{table} AS
WITH shaped AS MATERIALIZED (
    SELECT
        * EXCLUDE (wkb, web),
        ST_GeomFromWKB(wkb) AS geometry,
        ST_GeomFromWKB(web) AS geometry_web
    FROM source
),
whole AS MATERIALIZED (
    SELECT ST_Extent(ST_Extent_Agg(geometry)) AS box FROM shaped
)
SELECT
    shaped.*,
    ST_XMin(geometry) AS xmin,
    ST_YMin(geometry) AS ymin,
    ST_XMax(geometry) AS xmax,
    ST_YMax(geometry) AS ymax
FROM shaped, whole
ORDER BY ST_Hilbert(ST_Centroid(geometry), whole.box);

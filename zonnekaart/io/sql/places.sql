-- Names that start with the text first, then those in which a later word does.
SELECT kind, name, lon, lat, west, south, east, north
FROM published.places
WHERE starts_with(plain, $1) OR contains(plain, ' ' || $1) OR contains(plain, '-' || $1)
ORDER BY starts_with(plain, $1) DESC, position, length(plain), plain
LIMIT 8;

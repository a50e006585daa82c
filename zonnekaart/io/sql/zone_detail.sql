-- Everything the panel shows of one zone.
SELECT detail FROM published.zone_details WHERE zone_id = ?;

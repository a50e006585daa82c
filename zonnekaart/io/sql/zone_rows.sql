-- All zones as rows of the table view, best supply first.
SELECT row FROM published.zone_rows ORDER BY position;

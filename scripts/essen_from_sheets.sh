#!/bin/sh
# Essen from raw sheets to the map, in one go; prints time [s] and peak memory [kB] of each step.
#   scripts/essen_from_sheets.sh FOLDER
# FOLDER holds dsm_sheets.zip and dtm_sheets.zip (DHMV II, 1 m), sectors.gpkg (column geoitem),
# fluvius.csv (column ggw72024) and weather.epw, as docs/tutorial.md describes them.
# Writes FOLDER/ready and FOLDER/essen; needs zonnekaart on the path, and GNU time for the figures.
set -eu
folder=$1
cd "$folder"

step() {
    name=$1
    shift
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -f "$name: %e s, %M kB" "$@"
    else
        "$@"
    fi
}

step "heights, ground" zonnekaart prepare heights dtm_sheets.zip --kind dtm --out ready/dtm.tif
step "heights, surface" zonnekaart prepare heights dsm_sheets.zip --out ready/dsm.tif \
    --ground ready/dtm.tif
step "buildings" zonnekaart prepare buildings --dsm ready/dsm.tif --dtm ready/dtm.tif \
    --out ready/buildings.gpkg
step "areas" zonnekaart prepare context sectors.gpkg --kind areas --id-column geoitem \
    --name-column naam --out ready/areas.gpkg
step "demand" zonnekaart prepare demand fluvius.csv --year 2021 --area-column ggw72024 \
    --areas ready/areas.gpkg --id-column id --out ready/consumption.csv
step "init" zonnekaart init essen --name Essen --nis 11016 --from ready --weather weather.epw \
    --source dsm=SUP-04 --source dtm=SUP-04 --source buildings=SUP-04 --source areas=DEM-12 \
    --source consumption=DEM-02 --source weather=SUP-12
sed -i -e 's/^# unit = "areas"/unit = "cells"/' -e 's/^date = ""/date = "1949-2021"/' \
    -e 's/^# utc_offset_hours = 1.0/utc_offset_hours = 0.0/' essen/zonnekaart.toml
step "check" zonnekaart check essen/zonnekaart.toml
for stage in irradiation roofs visibility sites demand constraints balance grid scenarios \
    sharing zoning economics publish; do
    step "$stage" zonnekaart run essen/zonnekaart.toml --stage "$stage"
done
echo "next: zonnekaart serve $folder/essen/zonnekaart.toml"

"""Settings (environment) and the project file (TOML).

Two kinds of configuration exist and no third: `Settings` holds paths and hosts of this machine,
`Project` holds everything that decides a result and is kept with the result.
Below this floor there is no configuration, only arguments.
"""

from zonnekaart.config.base import (
    CHECKOUT,
    DATA_VARIABLE,
    DEFAULT_DATA_FOLDER,
    InputPath,
    PointsInput,
    SourceTable,
    ZonesInput,
    share_folder,
)
from zonnekaart.config.constraint_inputs import (
    HeritageInput,
    OwnersInput,
    RoofStateInput,
    SocialInput,
)
from zonnekaart.config.demand_inputs import (
    AreaMap,
    ConsumptionInput,
    ConsumptionLevel,
    MeasuredInput,
    ProfileInput,
    ProfilesInput,
)
from zonnekaart.config.inputs import InputsTable
from zonnekaart.config.parameters import (
    STAGE_ORDER,
    ConstraintsTable,
    DemandOverride,
    DemandTable,
    DevelopmentsInput,
    EconomicsTable,
    FinderTable,
    IrradiationTable,
    MapTable,
    PrivacyTable,
    RoofsTable,
    ScenariosTable,
    SharingTable,
    ZonesTable,
    ZoningTable,
)
from zonnekaart.config.project import Project, ProjectTable, load_project, parse_project
from zonnekaart.config.settings import Settings, require_safe_binding
from zonnekaart.config.supply_inputs import (
    BuildingsInput,
    CadastreInput,
    ExistingPvInput,
    OtherWeather,
    RasterInput,
    SitesInput,
    VegetationInput,
    WeatherInput,
)

__all__ = [
    "CHECKOUT",
    "DATA_VARIABLE",
    "DEFAULT_DATA_FOLDER",
    "STAGE_ORDER",
    "AreaMap",
    "BuildingsInput",
    "CadastreInput",
    "ConstraintsTable",
    "ConsumptionInput",
    "ConsumptionLevel",
    "DemandOverride",
    "DemandTable",
    "DevelopmentsInput",
    "EconomicsTable",
    "ExistingPvInput",
    "FinderTable",
    "HeritageInput",
    "InputPath",
    "InputsTable",
    "IrradiationTable",
    "MapTable",
    "MeasuredInput",
    "OtherWeather",
    "OwnersInput",
    "PointsInput",
    "PrivacyTable",
    "ProfileInput",
    "ProfilesInput",
    "Project",
    "ProjectTable",
    "RasterInput",
    "RoofStateInput",
    "RoofsTable",
    "ScenariosTable",
    "Settings",
    "SharingTable",
    "SitesInput",
    "SocialInput",
    "SourceTable",
    "VegetationInput",
    "WeatherInput",
    "ZonesInput",
    "ZonesTable",
    "ZoningTable",
    "load_project",
    "parse_project",
    "require_safe_binding",
    "share_folder",
]

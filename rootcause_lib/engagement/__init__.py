"""What a client's engagement.toml says: read, checked, frozen."""

from rootcause_lib.engagement.definitions import (
    Client,
    Definitions,
    EngineSettings,
    Equivalence,
    Leaving,
    Privacy,
    Reasons,
)
from rootcause_lib.engagement.grades import Grades
from rootcause_lib.engagement.hours import Opening, OpeningHours, opening_hours
from rootcause_lib.engagement.model import FILE_NAME, Engagement
from rootcause_lib.engagement.plans import (
    Answer,
    ControlTotal,
    Costs,
    Fix,
    Guess,
    Process,
    ServiceLevel,
    Targets,
)
from rootcause_lib.engagement.reading import read_engagement
from rootcause_lib.engagement.shapes import Spread
from rootcause_lib.engagement.tables import (
    NAMED_TIMES,
    UNITS,
    Attributes,
    Changes,
    Constant,
    RowsWhere,
    Separated,
    TableSource,
    preset_names,
    preset_text,
)

__all__ = [
    "FILE_NAME",
    "NAMED_TIMES",
    "UNITS",
    "Answer",
    "Attributes",
    "Changes",
    "Client",
    "Constant",
    "ControlTotal",
    "Costs",
    "Definitions",
    "Engagement",
    "EngineSettings",
    "Equivalence",
    "Fix",
    "Grades",
    "Guess",
    "Leaving",
    "Opening",
    "OpeningHours",
    "Privacy",
    "Process",
    "Reasons",
    "RowsWhere",
    "Separated",
    "ServiceLevel",
    "Spread",
    "TableSource",
    "Targets",
    "opening_hours",
    "preset_names",
    "preset_text",
    "read_engagement",
]

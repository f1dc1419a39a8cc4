"""A client's exports into the canonical tables of an engine; the one room that reads client files.

`loading.load` does it; it is imported from there, since a store that is made needs none of the readers.
"""

from rootcause_lib.loaders.intake import REPAIRS, RULES, Intake
from rootcause_lib.loaders.pseudonyms import find_key, pseudonym

__all__ = ["REPAIRS", "RULES", "Intake", "find_key", "pseudonym"]

"""A client's exports into the canonical tables of an engine; the one room that reads client files."""

from rootcause_lib.loaders.intake import REPAIRS, RULES, Intake
from rootcause_lib.loaders.loading import load
from rootcause_lib.loaders.pseudonyms import find_key, pseudonym

__all__ = ["REPAIRS", "RULES", "Intake", "find_key", "load", "pseudonym"]

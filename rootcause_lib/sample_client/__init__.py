"""Fictional clients with planted truth: Lumo Oy, a Finnish energy and broadband company, deterministic by seed."""

from rootcause_lib.sample_client.client import SampleClient, make_client
from rootcause_lib.sample_client.exports import write_exports, write_parquet, write_sample
from rootcause_lib.sample_client.faults import Faults, Planted
from rootcause_lib.sample_client.truth import Truth
from rootcause_lib.sample_client.world import World, even_resolution

__all__ = [
    "Faults",
    "Planted",
    "SampleClient",
    "Truth",
    "World",
    "even_resolution",
    "make_client",
    "write_exports",
    "write_parquet",
    "write_sample",
]

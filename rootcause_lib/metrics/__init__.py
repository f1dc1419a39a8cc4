"""Metrics: each one fact about one contact, case or customer, with its only definition."""

from rootcause_lib.metrics.catalogue import CATALOGUE, metric
from rootcause_lib.metrics.definition import Definition, Metric

__all__ = ["CATALOGUE", "Definition", "Metric", "metric"]

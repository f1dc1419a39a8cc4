"""Pages, runs and reports: everything that knows notebooks, HTML and the folder a run is written to."""

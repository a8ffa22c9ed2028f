"""JSON Schemas (2020-12) of Drone configurations, of our configuration and of our report."""

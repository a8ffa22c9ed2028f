"""YAML as the parser of Drone's server and runners reads it."""

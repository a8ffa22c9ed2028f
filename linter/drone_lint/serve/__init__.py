"""Drone's validation extension: no build runs unchecked (harness/drone `plugin/validator`, drone-go `plugin/validator`)."""

"""Whole hubs with their participants on one machine: made, run, stopped and killed."""

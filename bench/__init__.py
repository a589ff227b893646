"""Measuring: the floor, and how far the hub is above it. Runs from a checkout, `make bench`, and is not installed."""

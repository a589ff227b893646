"""Measuring: the floor, and how far the hub is above it."""

"""Tests of workshop.py, the bootstrap."""

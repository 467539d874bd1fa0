"""Policies around memories."""

"""Alerts: rules, how they are judged, and where they are sent."""

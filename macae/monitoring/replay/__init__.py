"""The parts of a recording: each reads one thing out of a session's events. `macae.monitoring.recording` joins them."""

"""An agent's conversation with its model: stored, bounded, and summarised where it grows long."""

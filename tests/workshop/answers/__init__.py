"""Answers to the exercises as learners give them: WRONG with the kind of failure that is meant, and RIGHT ones."""

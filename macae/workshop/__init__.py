"""The workshop: what helps learners and coaches."""

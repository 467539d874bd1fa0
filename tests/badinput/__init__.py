"""A table of bad inputs: what goes in, what is told, what happens to stored data. Each row is a test; docs/errors.md is made of it."""

"""What every change must pass: lint, types, layers, the public names, the documents, what is pinned."""

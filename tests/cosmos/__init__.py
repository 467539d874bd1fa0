"""A wire-level stand-in for Azure Cosmos DB, on node."""

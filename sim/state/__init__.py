"""What the market is: columns, records, catalogue, population, network, ledger. Holds no behaviour."""

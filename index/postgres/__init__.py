"""The ledger in PostgreSQL, where many servers share it: the same facts and the same answers as `index.ledger`."""

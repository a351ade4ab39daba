"""Events kept and used: the store's intake, merging of reports, relations, and the state of an alliance."""

"""The indicators, from the tables to rows: what is read, and what is missing and why."""

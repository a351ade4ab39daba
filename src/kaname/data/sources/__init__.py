"""Users' own data: one module per kind of file, what they share, and what an import leaves behind."""

"""Tables in, tables out; the only writer of tables and folders (temporary file and rename)."""

"""The HTTP interface, version 1: every verb of the command line that shows or starts something."""

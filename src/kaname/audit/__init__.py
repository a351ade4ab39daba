"""The quality of the data, told: what was found, what is covered, what the balance moved."""

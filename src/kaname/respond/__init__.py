"""What allies can do about it: the cheapest mix of measures under a budget, simulated (rules O)."""

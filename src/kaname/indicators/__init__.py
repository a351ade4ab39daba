"""Measures of concentration and risk: arrays in, arrays out, for every country, item and year in one pass."""

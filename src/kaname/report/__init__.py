"""Outcomes become sentences, tables, charts and one offline HTML page."""

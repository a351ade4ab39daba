"""Columns that many contracts of tables have, by what their cells hold."""

from __future__ import annotations

from kaname.terms.contract import Column


def text_column(name: str, sentence: str, required: bool = False) -> Column:
    """Return a column of free text."""
    return Column(name, "", "text", required, None, sentence)


def id_column(name: str, sentence: str) -> Column:
    """Return a column of ids."""
    return Column(name, "", "id", True, None, sentence)


def country_column(name: str, sentence: str) -> Column:
    """Return a column of country codes."""
    return Column(name, "", "country", True, None, sentence)


def market_column(name: str, sentence: str) -> Column:
    """Return a column of market ids."""
    return Column(name, "", "market", True, None, sentence)


def amount_column(name: str, unit: str, sentence: str, required: bool = False) -> Column:
    """Return a column of numbers from 0 on, with their unit."""
    return Column(name, unit, "number", required, None, sentence, minimum=0.0)


def share_column(name: str, sentence: str, required: bool = False) -> Column:
    """Return a column of shares, 0 to 1."""
    return Column(name, "share", "share", required, None, sentence)


def year_column(name: str, sentence: str, required: bool = True) -> Column:
    """Return a column of years."""
    return Column(name, "year", "integer", required, None, sentence, minimum=1900)


def date_column(name: str, sentence: str, required: bool = False) -> Column:
    """Return a column of dates."""
    return Column(name, "date", "date", required, None, sentence)


def choice_column(name: str, sentence: str, *choices: str) -> Column:
    """Return a column of text with a few words to choose from."""
    return Column(name, "", "text", True, None, sentence, choices)

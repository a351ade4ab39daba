"""Past episodes run forward from the year before, and scored against what happened."""

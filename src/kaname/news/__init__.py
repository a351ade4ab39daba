"""News: from the bytes of an article to sentence-sourced events (`docs/read.md`)."""

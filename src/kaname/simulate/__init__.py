"""The simulator: Network and Shock in, Outcome out (docs/model.md, section M)."""

"""The simulator: Network and Shock in, Outcome out (docs/model.md, section M).

Import from the modules: `engine.simulate`, `reference.simulate_reference`, `outcome.Outcome`, `why.why`.
"""

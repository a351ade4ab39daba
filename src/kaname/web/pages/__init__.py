"""The pages: each a function from a view to HTML, in one frame (`layout.py`)."""

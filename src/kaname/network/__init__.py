"""Tables become a network of suppliers, consumers, lanes and recipes (rules N1-N7)."""

"""What happens: restrictions, losses, surges and closures, compiled to arrays (rules M7, S)."""

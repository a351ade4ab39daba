"""The words everybody uses: errors, codes, units, table contracts."""

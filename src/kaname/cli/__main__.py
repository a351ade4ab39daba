"""`python -m kaname.cli`."""

from kaname.cli import main

main()

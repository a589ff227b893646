"""The desk on somebody's own machine: pages and scripts of the installed package, the portal's data and no more."""

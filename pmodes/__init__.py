"""Processing modes: organisations from files, the P-Mode of each leg, matching, the effective view and the term."""

"""A whole hub with participants on one machine, to try and to prove things with."""

"""A hub that counts what its steps cost: the same program, with a clock around each function of a list.

`sitecustomize` of this folder puts the clocks in when a hub that has it on its path is about to run; the product knows
nothing of it.
"""

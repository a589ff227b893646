"""The address book of a hub as a signed file: its values, its octets, its chain, and what follows from it. Pure; hub
and participants share it.
"""

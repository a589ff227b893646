"""Who logs in at the portal: octets of an identity provider in, a login or a refusal out. Pure: keys, ids and the time
are arguments, and nothing is fetched, remembered or logged here.

`login.py` holds the values that every road ends in, `saml/` is eHerkenning by SAML artifact.
"""

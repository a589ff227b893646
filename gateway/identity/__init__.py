"""Who logs in at the portal: octets of an identity provider in, a login or a refusal out. Pure: keys, ids and the time
are arguments, and nothing is fetched, remembered or logged here.

`login.py` holds the values that every road ends in, `etoegang.py` the names that logins of eHerkenning use by any of
them; `saml/` is eHerkenning by SAML artifact, `oidc/` logins by OpenID Connect.
"""

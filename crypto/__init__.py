"""WS-Security for AS4: sign, verify, encrypt, decrypt, certificates, keys.

Pure: octets, elements and times come in as arguments. Imports nothing of ours.
"""

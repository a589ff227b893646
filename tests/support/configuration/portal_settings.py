"""The settings of a hub that has a portal, as texts: the least that each of both has to say."""

HUB = """
[hub]
public_url = "https://hub.example/as4"
[data]
directory = "data"
[pmodes]
folder = "pmodes"
[[keys.signing]]
key = "a"
certificate = "b"
[[keys.decryption]]
key = "a"
certificate = "b"
"""
PORTAL = """
[portal]
url = "https://portaal.example"
helpdesk = "010 123 45 67"
[portal.eherkenning]
key = "login.key"
certificate = "login.pem"
entity_id = "urn:etoegang:DV:00000099000000009000:entities:0001"
broker = "urn:etoegang:HM:00000099000000007000:entities:0001"
broker_metadata = "broker.xml"
broker_signers = ["broker.pem"]
[portal.eherkenning.user]
index = 1
id = "urn:etoegang:DV:00000099000000009000:services:0001"
uuid = "6f4b0e0a-0000-4000-8000-000000000001"
[portal.eherkenning.administrator]
index = 2
id = "urn:etoegang:DV:00000099000000009000:services:0002"
uuid = "6f4b0e0a-0000-4000-8000-000000000002"
"""

"""SIP2: how self-service terminals, gates and sorters talk to the desk of a library.

The protocol is 3M's Standard Interchange Protocol, version 2.00. Each message is one transaction
with the verbs of the desk; ``bibliopolis sip2`` listens, `policies/sip2.yaml` names the terminals.
"""

"""Black-box evidence about a SCIM 2.0 server.

It knows a server by its address and a token, and by nothing else: no line of any server is imported here.
"""

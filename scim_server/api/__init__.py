"""Admin REST API (/api/v1): an edge over `services` that knows nothing of SCIM.

`nouns/` declares the endpoints, one module per noun; `items/` what they show, which the command line prints as well;
the modules beside them are the machine: from a request to a `Call`, from what an endpoint answers to a response.
"""

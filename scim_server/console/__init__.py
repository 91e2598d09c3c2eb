"""The admin centre in the browser: pages over the use cases of `services`, which know nothing of SCIM.

A page is a function in `views/`, declared in a `Section` with its address and the permission it takes. Whoever visits
is a person with a role, or the operator (`services/visiting.py`); a refusal of a use case is shown on the form it came
from. Texts are English in the code and the templates, and in `translations/` in the other languages.
"""

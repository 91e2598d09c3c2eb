"""The application of people and groups that django-scim2 is put before."""

"""People and groups as the documentation of django-scim2 has them."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Group(AbstractSCIMGroupMixin):
    """A group."""

    name = models.CharField(max_length=254)


class User(AbstractSCIMUserMixin, AbstractUser):
    """A person."""

    scim_groups = models.ManyToManyField(Group, related_name="user_set")

"""What is wrong with an installation, or will be: its settings, databases, certificates, credentials, trails, chores.

Each module looks at one subject and answers findings; none of them changes anything.
"""

"""SQLAlchemy adapters: tables, unit of work, repositories, queries, migrations."""

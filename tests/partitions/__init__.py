"""PostgreSQL with its large tables in partitions by tenant (store/tenant_partitions.py)."""

"""On PostgreSQL the provisioning log is partitioned by time, so that old entries go without being deleted one by one.

What there is becomes one partition as it stands, up to the next midnight (UTC), and goes when the last of it is too old.
"""

from datetime import UTC, datetime, time, timedelta

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

AROUND = """
ALTER TABLE provisioning_log RENAME TO provisioning_log_before;
ALTER INDEX pk_provisioning_log RENAME TO pk_provisioning_log_before;
ALTER INDEX ix_provisioning_log_id RENAME TO ix_provisioning_log_before_id;
CREATE TABLE provisioning_log (LIKE provisioning_log_before INCLUDING DEFAULTS) PARTITION BY RANGE (id);
ALTER TABLE provisioning_log ADD CONSTRAINT pk_provisioning_log PRIMARY KEY (tenant_id, id);
ALTER TABLE provisioning_log ADD CONSTRAINT fk_provisioning_log_tenants FOREIGN KEY (tenant_id) REFERENCES tenants (id);
CREATE INDEX ix_provisioning_log_id ON provisioning_log (id);
CREATE TABLE provisioning_log_default PARTITION OF provisioning_log DEFAULT
"""
KEEP = """
WITH beyond AS (DELETE FROM provisioning_log_before WHERE id >= '{ends}' RETURNING *)
INSERT INTO provisioning_log_default SELECT * FROM beyond;
ALTER TABLE provisioning_log ATTACH PARTITION provisioning_log_before FOR VALUES FROM (MINVALUE) TO ('{ends}')
"""
"""Ids beyond the end are of a clock that goes wrong."""
CLOSE = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'scim_app') THEN
        REVOKE ALL ON provisioning_log_before FROM scim_app;
    END IF;
END $$
"""
"""The application reaches partitions through the log alone."""


def upgrade() -> None:
    """Put partitions around the log that there is."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    for statement in AROUND.split(";"):
        op.execute(statement)
    if connection.exec_driver_sql("SELECT EXISTS (SELECT FROM provisioning_log_before)").scalar():
        for statement in KEEP.format(ends=_next_midnight()).split(";"):
            op.execute(statement)
        op.execute(CLOSE)
    else:
        op.execute("DROP TABLE provisioning_log_before")


def _next_midnight() -> str:
    """The lowest UUIDv7 of that moment."""
    midnight = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), time(), UTC)
    digits = f"{int(midnight.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"

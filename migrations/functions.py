"""SQL functions of migrations/sql as migrations use them. Never changed: add a new function."""

from pathlib import Path

from alembic import op

SQL = Path(__file__).parent / "sql"


def create(file: str) -> None:
    """Run `sql/<file>.sql`: one statement, which creates one function."""
    # Through the driver: SQLAlchemy's text() would read PL/pgSQL's colons as parameters.
    op.get_bind().exec_driver_sql((SQL / f"{file}.sql").read_text(encoding="utf-8"))


def entrust(name: str, *, execute: tuple[str, ...]) -> None:
    """Give the function to timeline_owner and the right to call it to `execute` only (PUBLIC has it by default)."""
    op.execute(f"revoke execute on function {name} from public")
    op.execute(f"alter function {name} owner to timeline_owner")
    for role in execute:
        op.execute(f"grant execute on function {name} to {role}")

"""`python -m timeline_service`."""

from timeline_service import cli

if __name__ == "__main__":
    cli.main()

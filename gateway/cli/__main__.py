"""`python -m gateway.cli` is the command knooppunt."""

from gateway.cli.entry import run

if __name__ == "__main__":
    run()

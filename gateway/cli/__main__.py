"""`python -m gateway.cli` is the command knooppunt."""

from gateway.cli.main import main

if __name__ == "__main__":
    main(prog_name="knooppunt")

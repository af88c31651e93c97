"""Let ``python -m bibliopolis`` do what the command ``bibliopolis`` does."""

from bibliopolis.cli import main

if __name__ == "__main__":
    main(prog_name="bibliopolis")

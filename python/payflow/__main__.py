"""`python -m payflow` is `payflow`."""

from payflow.cli import main

if __name__ == "__main__":
    main()

"""The model machine on the store in memory. `python -m tests.model.test_model 5000` runs it long."""

from tests.laws import soak
from tests.model.machine import ModelMachine


def test_everything_holds_whatever_people_and_machines_do() -> None:
    soak.short(ModelMachine)


if __name__ == "__main__":
    soak.long(ModelMachine)

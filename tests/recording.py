"""A config that remembers which fields were asked for."""


class Recording:
    """A config that remembers which fields were asked for."""

    def __init__(self, given):
        self.__dict__.update(vars(given))
        self.read = set()

    def __getattribute__(self, name):
        if name not in ("read", "__dict__"):
            self.read.add(name)
        return super().__getattribute__(name)

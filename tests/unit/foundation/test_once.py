"""A value is worked out once for an object, and no object waits for another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bibliopolis.once import once


class Shelf:
    def __init__(self, meet=None):
        self.meet = meet
        self.asked = 0

    @once
    def books(self):
        """The books on it."""
        self.asked += 1
        if self.meet:
            self.meet.wait(timeout=10)
        return ["Идиот"]


def test_it_is_worked_out_once_and_again_when_it_was_forgotten():
    shelf = Shelf()

    assert shelf.books is shelf.books
    assert shelf.asked == 1
    del shelf.books
    assert (shelf.books, shelf.asked) == (["Идиот"], 2)


def test_each_object_has_its_own():
    assert Shelf().books is not Shelf().books
    assert Shelf.books.__doc__ == "The books on it."


def test_two_objects_work_it_out_at_the_same_time():
    meet = Barrier(2)

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda shelf: shelf.books, [Shelf(meet), Shelf(meet)]))

    assert found == [["Идиот"]] * 2

import sys
import time

from bibliopolis.cli.children import Child


def running(*code):
    said = []
    child = Child("sleeper", [sys.executable, "-c", *code], say=said.append)
    child.start()
    return child, said


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def test_a_dead_child_is_started_again_after_a_pause():
    child, said = running("raise SystemExit(3)")
    wait_for(lambda: child.process.poll() is not None)

    child.look_after()

    assert child.process is None
    assert said == ["The sleeper ended (exit code 3); it starts again in 1 s."]

    child.start_again_at = 0.0
    child.look_after()

    assert child.process is not None
    child.process.wait()


def test_pauses_grow_with_each_death_in_a_row():
    child, said = running("pass")
    for _ in range(3):
        wait_for(lambda: child.process.poll() is not None)
        child.look_after()
        child.start_again_at = 0.0
        child.look_after()

    assert [line.split()[-2] for line in said] == ["1", "2", "4"]
    child.process.wait()


def test_a_living_child_is_stopped_by_a_polite_request():
    child, said = running("import time; time.sleep(60)")

    child.ask_to_stop()
    child.wait_until_stopped()

    assert child.process.returncode < 0
    assert said == []

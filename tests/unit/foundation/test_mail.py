from email import message_from_bytes
from email.policy import default

from bibliopolis.mail import FileTransport, Mailer, compose
from bibliopolis.outbox import Outbox, claim


def write(db, clock, subject="Книга\r\nждёт: вас"):
    mailer = Mailer(
        db=db,
        clock=clock,
        outbox=Outbox(db=db, clock=clock),
        sender="Библиополис <noreply@library.example>",
    )
    return mailer.send("reader@example.org", subject, "Приходите до пятницы.\n", language="ru")


def test_a_message_is_followed_up_with_the_change_it_tells_of(db, clock):
    row = write(db, clock)

    assert claim(db, "mail", clock.now(), limit=10)[1] == [str(row.id)]


def test_a_message_in_a_file_reads_as_it_was_written(db, clock, tmp_path):
    row = write(db, clock)

    FileTransport(tmp_path).deliver(compose(row, "Библиополис <noreply@library.example>"))

    (file,) = tmp_path.glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert message["Subject"] == "Книга ждёт: вас"
    assert message["From"] == "Библиополис <noreply@library.example>"
    assert message.get_content() == "Приходите до пятницы.\n"


def test_a_long_subject_keeps_the_spaces_between_its_words(db, clock):
    # The space after “Новое” stands where a line ends.
    subject = "Новое в каталоге: Новое о Петербурге"

    sent = compose(write(db, clock, subject), "noreply@library.example").as_bytes()

    assert message_from_bytes(sent, policy=default)["Subject"] == subject


def test_delivering_twice_leaves_one_file(db, clock, tmp_path):
    row = write(db, clock)
    message = compose(row, "noreply@library.example")

    FileTransport(tmp_path).deliver(message)
    FileTransport(tmp_path).deliver(message)

    assert len(list(tmp_path.iterdir())) == 1

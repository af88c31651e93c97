from bibliopolis.outbox import WorkerHeartbeat


def test_the_site_says_which_part_is_unwell(web):
    answer = web.get("/healthz", status=503)

    assert answer.json["parts"]["database"] == "well"
    assert answer.json["parts"]["worker"] == "not running"


def test_a_worker_heard_of_lately_is_well(web, db, clock):
    db.add(WorkerHeartbeat(name="here:1", seen=clock.now()))

    assert web.get("/healthz", status="*").json["parts"]["worker"] == "well"

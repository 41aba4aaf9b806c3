"""A large simulated org: its documents are generated when they are read, and changes are stored."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import orjson
import pytest

from oktahound.sim import SimulatedOrg, generated
from oktahound.sim.generated import GeneratedDocuments
from oktahound.sim.world import Collection


class Squares:
    """Ten documents."""

    def __len__(self) -> int:
        return 10

    def __iter__(self) -> Iterator[str]:
        return map(str, range(10))

    def __contains__(self, key: object) -> bool:
        return key in set(self)

    def document(self, key: str) -> dict[str, object]:
        return {"id": key, "square": int(key) ** 2}


@pytest.fixture(params=["stored", "made anew"])
def pair(request, monkeypatch) -> tuple[Collection, Collection]:
    """Return the same documents, once generated and once stored."""
    monkeypatch.setattr(generated, "MOST_STORED", 10 if request.param == "stored" else 0)
    plain = Collection()
    for key in Squares():
        plain.add(Squares().document(key))
    return Collection(Squares()), plain


def content(collection: Collection) -> list[tuple[str, bytes]]:
    assert len(collection) == len(list(collection))
    return [(key, collection.sent(key)) for key in collection]


def test_writes_to_generated_documents_act_as_on_stored_ones(pair):
    def double(document):
        document["square"] *= 2

    for held in pair:
        assert held.keys() == tuple(Squares())
        held.change("3", double)
        held.remove("4")
        held.remove("5")
        held.put("4", {"id": "4", "square": -1})
        held.add({"id": "new"})
        held.change("4", double)
        with pytest.raises(KeyError):
            held.remove("5")
        with pytest.raises(KeyError):
            held["5"]
        assert "5" not in held
    one, two = pair
    assert content(one) == content(two)
    assert list(one.documents()) == list(two.documents())
    for held in pair:
        held.remove("4")
        held.clear()
        held.add({"id": "4"})
        assert held.keys() == ("4",)


def test_generated_documents_are_plain_json_and_do_not_share_state():
    org = SimulatedOrg(seed=2, users=30)
    for name in ("users", "devices", ("app_users", org.world["apps"].keys()[1])):
        collection = org.world[name]
        assert isinstance(collection._documents, GeneratedDocuments)
        key = collection.keys()[0]
        assert collection[key] == orjson.loads(collection.sent(key))
        assert collection[key] is not collection[key]


def test_responses_are_equal_for_stored_and_generated_documents(monkeypatch):
    def sent(org: SimulatedOrg) -> list[bytes]:
        world = org.world
        names = ["users", "devices", *(("app_users", app) for app in world["apps"])]
        factors = [world.read("factors", user) for user in world["users"]]
        return [text for held in (*map(world.__getitem__, names), *factors) for _, text in content(held)]

    stored = sent(SimulatedOrg(seed=3, users=40))
    monkeypatch.setattr(generated, "MOST_STORED", 0)
    assert sent(SimulatedOrg(seed=3, users=40)) == stored


def test_a_user_of_a_large_org_needs_less_memory_than_a_document():
    def taken(users: int) -> int:
        tracemalloc.start()
        org = SimulatedOrg(seed=1, users=users)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(org.world["users"]) == users
        return held

    # With its four assignments, two groups, device and factors stored, a user takes 6 kB.
    assert (taken(3_000) - taken(1_000)) / 2_000 < 1_500


def test_the_factors_of_a_user_can_be_read_and_added_to():
    org = SimulatedOrg(seed=1, users=30)
    user = next(user for user in org.world["users"] if len(org.world.read("factors", user)) == 1)
    made = org.add_factor(user, "sms")
    assert org.world["factors", user].keys()[1:] == (made,)
    assert len(set(org.world["factors", user].keys())) == 2

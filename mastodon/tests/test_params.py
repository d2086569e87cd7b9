"""Parameters in every form in which clients send them."""

import pytest

from mastodon.params import BadParameter, MissingParameter, Params, nested

ARRAYS = {
    "id[]": [("id[]", "1"), ("id[]", "2")],
    "id[][]": [("id[][]", "1"), ("id[][]", "2")],
    "id[0]": [("id[0]", "1"), ("id[1]", "2")],
}


@pytest.mark.parametrize("pairs", ARRAYS.values(), ids=ARRAYS)
def test_arrays(pairs: list[tuple[str, str]]) -> None:
    assert Params(nested(pairs)).ids("id") == [1, 2]


def test_a_single_value_is_an_array_of_one_and_json_has_real_ones() -> None:
    assert Params({"id": "1"}).ids("id") == Params({"id": 1}).ids("id") == [1]
    assert Params({"id": [1, "2", "x", None, True, {}]}).ids("id") == [1, 2, 0]
    assert Params({}).ids("id") == Params({"id": None}).ids("id") == Params({"id": ""}).ids("id")


def test_objects_in_objects_and_in_arrays() -> None:
    params = Params(
        nested(
            [
                ("source[privacy]", "public"),
                ("poll[options][]", "a"),
                ("poll[options][]", "b"),
                ("fields[0][name]", "x"),
                ("fields[1][name]", "y"),
                ("media[][id]", "1"),
                ("media[][focus]", "0,0"),
                ("media[][id]", "2"),
                ("subscription[keys][p256dh]", "k"),
            ]
        )
    )
    assert params.child("source").text("privacy") == "public"
    assert params.child("poll").texts("options") == ["a", "b"]
    assert [field.text("name") for field in params.children("fields")] == ["x", "y"]
    assert [one.values for one in params.children("media")] == [
        {"id": "1", "focus": "0,0"},
        {"id": "2"},
    ]
    assert params.child("subscription").child("keys").text("p256dh") == "k"


def test_what_contradicts_itself_is_no_error() -> None:
    assert nested([("a", "1"), ("a[]", "2"), ("a[b]", "3"), ("[x]", "4"), ("b[", "5")]) == {
        "a": {"b": "3"},
        "[x]": "4",
        "b[": "5",
    }
    with pytest.raises(BadParameter):
        nested([("a" + "[b]" * 9, "1")])


@pytest.mark.parametrize("value", ["false", "False", "f", "0", "off", "NO", "", False])
def test_false(value: object) -> None:
    assert Params({"x": value}).flag("x") is False


@pytest.mark.parametrize("value", ["true", "True", "1", "on", "anything", True])
def test_true(value: object) -> None:
    assert Params({"x": value}).flag("x") is True


def test_a_number_is_moved_into_its_range() -> None:
    wanted = {"50": 40, 50: 40, "0": 1, "-3": 1, "7": 7, "x": 20, "": 20, "9" * 30: 40, "1.5": 20}
    found = {sent: Params({"n": sent}).number("n", 20, least=1, most=40) for sent in wanted}
    assert found == wanted


def test_texts() -> None:
    assert [Params({"x": value}).text("x") for value in (1, True, None)] == ["1", "true", None]
    wrong: list[object] = ["\x00", "\ud800", {}, []]
    for value in wrong:
        with pytest.raises(BadParameter):
            Params({"x": value}).text("x")
    for blank in ("", "  ", None):
        with pytest.raises(MissingParameter):
            Params({"x": blank}).needed("x")

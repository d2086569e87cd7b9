"""Places: how coarsely they are stored, and which cells overlap a circle."""

import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.helpers.geography import EARTH_KM, distance_km
from tweets import places
from tweets.places import BadPlace, BadRadius, Circle, NewPlace, Place, cells_within

LATITUDES = st.floats(-90, 90) | st.sampled_from([-90.0, -89.99, 0.0, 89.99, 90.0])
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, -179.99, 0.0, 179.99, 180.0])
RADII = st.floats(0, 100) | st.sampled_from([0.0, 0.001, 1.0, 99.999, 100.0])


def away(lat: float, lon: float, km: float, direction: float) -> tuple[float, float]:
    """Return the point `km` away in a direction, along a great circle.

    Unlike the tested code, this computes with vectors.
    """
    phi, lam, angle = math.radians(lat), math.radians(lon), km / EARTH_KM
    up = (math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi))
    north = (-math.sin(phi) * math.cos(lam), -math.sin(phi) * math.sin(lam), math.cos(phi))
    east = (-math.sin(lam), math.cos(lam), 0.0)
    x, y, z = (
        u * math.cos(angle) + (n * math.cos(direction) + e * math.sin(direction)) * math.sin(angle)
        for u, n, e in zip(up, north, east, strict=True)
    )
    return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))


@given(LATITUDES, LONGITUDES, RADII, st.floats(0, 1), st.floats(0, 2 * math.pi))
@example(90.0, 0.0, 100.0, 1.0, 1.0)
@example(89.2, 10.0, 100.0, 1.0, 0.0)
@example(0.0, 180.0, 100.0, 1.0, math.pi / 2)
def test_every_point_in_a_circle_is_in_one_of_its_cells(
    lat: float, lon: float, radius: float, share: float, direction: float
) -> None:
    point = away(lat, lon, radius * share, direction)
    assert Place(*point).cell in cells_within(Circle(lat, lon, radius))


@given(LATITUDES, LONGITUDES, RADII)
def test_a_circle_has_few_cells_without_duplicates(lat: float, lon: float, radius: float) -> None:
    cells = cells_within(Circle(lat, lon, radius))
    assert len(cells) == len(set(cells)) <= 320
    assert radius > 1 or len(cells) <= 6


@given(LATITUDES, LONGITUDES, st.floats(0, 20000), st.floats(0, 2 * math.pi))
def test_distances_are_along_great_circles(
    lat: float, lon: float, km: float, direction: float
) -> None:
    assert distance_km(lat, lon, *away(lat, lon, km, direction)) == pytest.approx(km, abs=1e-3)


def test_known_distances() -> None:
    assert distance_km(52.52, 13.405, 48.8566, 2.3522) == pytest.approx(877.46, abs=0.01)
    assert distance_km(90, 0, 90, 123) == pytest.approx(0, abs=1e-9)
    assert distance_km(0, 180, 0, -180) == pytest.approx(0, abs=1e-9)
    assert distance_km(0, 179.5, 0, -179.5) == pytest.approx(111.195, abs=0.001)


@given(LATITUDES, LONGITUDES)
@example(89.99, 180.0)
@example(49.0, -180.0)
def test_a_place_is_rounded_to_about_a_kilometre(lat: float, lon: float) -> None:
    stored = places.checked(NewPlace(lat, lon))
    assert abs(stored.lat) <= 90
    assert abs(stored.lon) <= 180
    assert distance_km(lat, lon, stored.lat, stored.lon) < 1.2
    assert (stored.lat, stored.lon) == (round(stored.lat, 2), round(stored.lon, 2))


@given(LATITUDES, st.floats(-170, 170), st.floats(0, 2 * math.pi))
def test_rounded_places_are_far_apart(lat: float, lon: float, direction: float) -> None:
    """This holds near the poles too, where a hundredth of a degree of longitude is a few metres.

    It does not hold across the antimeridian, where the steps of rounding do not meet.
    """
    near = away(lat, lon, 0.3, direction)
    assume(abs(near[1] - lon) < 180)
    one = places.checked(NewPlace(lat, lon))
    other = places.checked(NewPlace(*near))
    assert one == other or distance_km(one.lat, one.lon, other.lat, other.lon) > 0.6


def test_an_exact_place_is_rounded_to_ten_centimetres() -> None:
    stored = places.checked(NewPlace(52.5200066123, -13.4049540987, exact=True))
    assert stored == Place(52.520007, -13.404954)


def test_zero_has_no_sign() -> None:
    stored = places.checked(NewPlace(-0.001, -0.001))
    assert (str(stored.lat), str(stored.lon)) == ("0.0", "0.0")


def test_a_name_is_one_line_of_text() -> None:
    assert places.checked(NewPlace(1, 2, name="  Cafe\u0301 ")).name == "Café"
    assert places.checked(NewPlace(1, 2, name="\u2800\u200b")).name == ""
    for name in ("x" * 101, "a\nb", "a\x00b", "\ud800", "\u202eabc", "x" + "\u0301" * 20):
        with pytest.raises(BadPlace) as caught:
            places.checked(NewPlace(1, 2, name=name))
        assert caught.value.at == "location.name"


@pytest.mark.parametrize(
    ("lat", "lon", "field"),
    [
        (90.1, 0, "lat"),
        (-90.1, 0, "lat"),
        (math.nan, 0, "lat"),
        (0, 180.1, "lon"),
        (0, math.inf, "lon"),
    ],
)
def test_coordinates_out_of_range_are_refused(lat: float, lon: float, field: str) -> None:
    with pytest.raises(BadPlace) as caught:
        places.checked(NewPlace(lat, lon))
    assert caught.value.at == f"location.{field}"
    with pytest.raises(BadPlace) as caught:
        Circle(lat, lon)
    assert caught.value.at == field


@pytest.mark.parametrize("radius", [-0.001, 100.001, math.nan, math.inf])
def test_a_radius_out_of_range_is_refused(radius: float) -> None:
    with pytest.raises(BadRadius):
        Circle(0, 0, radius)


@pytest.mark.parametrize("text", ["1", "-1.5", "0.0", "1e-7", "-1.5E+1", "2.2e-308"])
def test_numbers_are_parsed(text: str) -> None:
    assert Circle.of({"lat": text, "lon": "2"}) == Circle(float(text), 2.0, 10.0)


@pytest.mark.parametrize(
    "text", ["", " 1", "+1", "1_0", ".5", "nan", "inf", "0x1", "١", "1,5", "1\n"]
)
def test_invalid_numbers_are_refused(text: str) -> None:
    for name in ("lat", "lon", "radius_km"):
        with pytest.raises((BadPlace, BadRadius)) as caught:
            Circle.of({"lat": "1", "lon": "2", name: text})
        assert caught.value.at == name

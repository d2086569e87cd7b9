"""Handles that nobody may have, because they look like the operators of the site."""

import pytest

from accounts.validation import OFFICIAL, RESERVED, ReservedHandle, clean_handle


@pytest.mark.parametrize("handle", sorted(RESERVED))
def test_reserved_names_are_refused_in_any_case(handle: str) -> None:
    for written in (handle, handle.upper(), handle.title()):
        with pytest.raises(ReservedHandle):
            clean_handle(written)


@pytest.mark.parametrize("name", sorted(OFFICIAL))
@pytest.mark.parametrize(
    "decorated",
    ["_{}", "{}_", "__{}__", "{}1", "{}_2026", "1{}", "chirp_{}", "{}_chirp"],
)
def test_decoration_does_not_make_another_name(name: str, decorated: str) -> None:
    with pytest.raises(ReservedHandle):
        clean_handle(decorated.format(name))


@pytest.mark.parametrize(
    "handle",
    [
        *("adm1n", "Adm1n_7", "r00t", "m0derator", "s3curity", "5ecurity", "5taff", "supp0rt_1"),
        *("a_d_m_i_n", "Chirp_0fficial", "chirpSupport24", "officialchirp", "postma5ter"),
    ],
)
def test_lookalikes_are_refused(handle: str) -> None:
    with pytest.raises(ReservedHandle):
        clean_handle(handle)


@pytest.mark.parametrize(
    "handle",
    [
        *("demo", "demo_admin", "modest", "staffan", "infobert", "teammate", "chirping", "me2"),
        *("home1", "_", "____", "123", "chirp_fan", "rooted", "helper", "the_real_dora", "u1"),
    ],
)
def test_other_names_are_free(handle: str) -> None:
    assert clean_handle(handle) == handle

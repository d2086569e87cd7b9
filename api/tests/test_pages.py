"""The URLs of neighbouring pages."""

from django.test import RequestFactory

from api.pages import page_url
from chirp.pagination import Cursor


def test_the_url_of_a_page_keeps_other_query_parameters() -> None:
    request = RequestFactory().get("/list?limit=2&tag=a%26b&cursor=YjE")
    url = page_url(request, Cursor(before=7))
    assert url == "http://testserver/list?limit=2&tag=a%26b&cursor=Yjc"
    assert page_url(request, None) is None

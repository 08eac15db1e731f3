"""Servers that hold us, send us elsewhere, echo what they were told, or are no Chronos at all."""

from __future__ import annotations

import base64
import json
import threading
import time

import pytest

from algoreg.errors import SchedulerError, SchedulerRefused, SchedulerUnavailable
from algoreg.schedulers import chronos, wire
from algoreg.schedulers.address import Address
from algoreg.schedulers.chronos import Chronos
from support.chronos_server import StandIn, serving
from support.hostile_server import answering, trickling
from support.patience import PROMPT_S
from unit.test_chronos_client import SECRET, document, waits


def client_of(url: str) -> Chronos:
    return Chronos(wire.Wire(Address.parse(url), pause_s=0), chronos.DIALECTS[0])


@pytest.mark.parametrize("password", ['q"u\\o/te', "gr\u00fc\u00df<e>&", "\U0001f600-x"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_what_a_server_echoes_as_json_is_shown_without_passwords(password: str, ascii_only: bool) -> None:
    sent = document(environmentVariables=[{"name": "OUT_PASSWORD", "value": password}])
    echoed = f"unrecognised: {json.dumps(sent, ensure_ascii=ascii_only)[:-1]}".encode()
    with answering(400, echoed[echoed.index(b"env") :]) as url, pytest.raises(SchedulerRefused) as refused:
        client_of(url).submit(sent)
    assert '"value": "***"' in refused.value.message


def test_user_password_and_token_of_the_url_are_not_shown_when_they_are_echoed() -> None:
    token = base64.b64encode(b'ana:se"cret').decode()
    echo = f'for ana (Basic {token}), se"cret and se\\"cret: banana'.encode()
    with answering(400, echo) as url, pytest.raises(SchedulerRefused) as refused:
        client_of(url.replace("//", "//ana:se%22cret@")).submit(document())
    assert refused.value.message.endswith("400, for *** (Basic ***), *** and ***: banana")


@pytest.mark.parametrize("status", [403, 405, 409])
def test_a_refused_deletion_is_no_unknown_job(status: int) -> None:
    with answering(status, b"") as url, pytest.raises(SchedulerError, match=str(status)):
        client_of(url).delete("knn_1")


@pytest.mark.parametrize("status", [400, 404])
def test_its_twin_of_an_unknown_job(status: int) -> None:
    with answering(status, b"") as url:
        assert client_of(url).delete("knn_1") is False


def test_what_never_ends_is_left() -> None:
    with answering(200, b" " * 1000, drip_s=0.05) as url:
        slow = wire.Wire(Address.parse(url), timeout_s=0.3, pause_s=0)
        begun = time.monotonic()
        with pytest.raises(SchedulerUnavailable, match=r"in time|come to an end"):
            slow.ask("GET", "/")
        assert time.monotonic() - begun < PROMPT_S


TRICKLES = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-Header: 1\r\n"),
    "half a header, which would be the end": (b"HTTP/1.1 204 No Content\r\nX: ", b"y"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a chunk's extension": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
    "a status": (b"HTTP/1.1 2", b"0"),
}


@pytest.mark.parametrize("held", TRICKLES)
def test_who_holds_us_anywhere_is_left_in_time(held: str) -> None:
    with trickling(*TRICKLES[held]) as url:
        slow = wire.Wire(Address.parse(url), timeout_s=0.4, pause_s=0)
        begun = time.monotonic()
        with pytest.raises(SchedulerUnavailable, match=r"in time|come to an end"):
            slow.ask("DELETE", "/")
        assert time.monotonic() - begun < PROMPT_S


def test_a_deadline_leaves_nothing_behind() -> None:
    with answering(200, b"[]") as url:
        quick = wire.Wire(Address.parse(url), pause_s=0)
        assert quick.ask("GET", "/").content == b"[]"
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]


def test_tls_that_never_begins_is_left_in_time() -> None:
    with trickling(b"\x16\x03\x03\x40\x00\x02", b"\x00") as url:
        slow = wire.Wire(Address.parse(url.replace("http:", "https:")), timeout_s=0.4, pause_s=0)
        begun = time.monotonic()
        with pytest.raises(SchedulerUnavailable, match="in time"):
            slow.ask("GET", "/")
        assert time.monotonic() - begun < PROMPT_S


def test_a_redirection_at_the_first_contact_is_told() -> None:
    moved = {"Location": f"https://me:{SECRET}@chronos.example:8443/login?password={SECRET}"}
    with answering(301, b"", headers=moved) as url, pytest.raises(SchedulerError) as sent:
        chronos.connect(url, pause_s=0)
    assert "sends us to https://chronos.example:8443 (301)" in sent.value.message
    assert "https://chronos.example:8443" in sent.value.hint
    assert SECRET not in f"{sent.value.message} {sent.value.hint}"


@pytest.mark.parametrize("location", ["/login", "http://[", "javascript:alert(1)", "https://a\x1b[31m/"])
def test_a_redirection_to_nowhere_is_told_without_it(location: str) -> None:
    with answering(302, b"", headers={"Location": location}) as url:
        with pytest.raises(SchedulerError, match="sends us elsewhere") as sent:
            chronos.connect(url, pause_s=0)
        assert location not in f"{sent.value.message} {sent.value.hint}"


def test_a_first_contact_that_is_out_of_order_is_told() -> None:
    with answering(503, b"") as url, pytest.raises(SchedulerUnavailable, match="out of order: 503"):
        chronos.connect(url, pause_s=0)


def test_who_sends_us_elsewhere_gets_no_password_there() -> None:
    header = "Basic " + base64.b64encode(b"me:x").decode()
    with serving(StandIn("3.0", waits, password=header)) as other:
        moved = {"Location": f"{other.url}/v1/scheduler/jobs/search"}
        with answering(302, b"", headers=moved) as url:
            client = Chronos(wire.Wire(Address.parse(url), pause_s=0), chronos.DIALECTS[0])
            with pytest.raises(SchedulerError, match=f"sends us to {other.url}") as sent:
                client.find("knn_1")
        assert other.url in sent.value.hint
        assert other.asked == []


@pytest.mark.parametrize("content", [b"<html>It works!</html>", b"[1, 2", b'{"jobs": []}'])
def test_what_is_no_chronos_is_said_so(content: bytes) -> None:
    with answering(200, content) as url, pytest.raises(SchedulerUnavailable, match="is no Chronos"):
        chronos.connect(url, pause_s=0)


def test_where_nothing_listens_is_said_so() -> None:
    with answering(200, b"") as url:
        pass
    with pytest.raises(SchedulerUnavailable, match="does not answer") as nothing:
        chronos.connect(url.replace("//", f"//me:{SECRET}@"), pause_s=0)
    assert SECRET not in nothing.value.message

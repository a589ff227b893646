"""The headers that say what a browser may do with a page."""

from __future__ import annotations

from gateway.pages.headers import safe_headers


def directives(headers: dict[str, str]) -> dict[str, list[str]]:
    found = (each.split() for each in headers["Content-Security-Policy"].split("; "))
    return {name: values for name, *values in found}


def test_nothing_is_allowed_that_is_not_named_PO_30() -> None:
    policy = directives(safe_headers())
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert policy["form-action"] == ["'self'"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert policy["trusted-types"] == ["knooppunt-worker"]
    assert policy["worker-src"] == ["blob:"]
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["frame-src"] == ["'none'"]
    said = str(policy)
    assert "unsafe-inline" not in said
    assert "unsafe-eval'" not in said.replace("wasm-unsafe-eval'", "")
    assert "*" not in said
    assert "http" not in said


def test_a_page_whose_form_goes_to_a_broker_names_that_one_and_an_import_map_its_hash_PO_30() -> None:
    policy = directives(safe_headers(form_target="https://makelaar.example", import_map="'sha256-abc='"))
    assert policy["form-action"] == ["'self'", "https://makelaar.example"]
    assert policy["script-src"][-1] == "'sha256-abc='"


def test_no_page_is_kept_and_what_has_its_digest_in_its_address_is() -> None:
    assert safe_headers()["Cache-Control"] == "no-cache, no-store"
    assert "immutable" in safe_headers(kept=True)["Cache-Control"]
    assert "Pragma" not in safe_headers(kept=True)

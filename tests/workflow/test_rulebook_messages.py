"""The words of messages in officers' hands: placeholders, previews, and what is really sent."""

import re

import pytest

from incidents import messages as of_incidents
from permits import messages as of_permits
from permits.book import notices as permit_rules
from tests.incidents import factories as reports
from tests.permits import factories as make
from tests.rules import put_all, settled
from workflow.contrib.notifications.models import Message
from workflow.contrib.notifications.wording import COMMON, NAME, Wording, fault_of, fill, wording_of
from workflow.contrib.rulebook.book import value
from workflow.contrib.rulebook.models import RuleChange
from workflow.contrib.rulebook.rules import every_rule
from workflow.contrib.rulebook.sms import length_of

pytestmark = pytest.mark.django_db
SUBMIT = "permits.message.submit"
URL = f"/admin/rulebook/override/messages/{SUBMIT}/"
RULES = [rule for key, rule in every_rule().items() if ".message." in key]
OURS = {
    "subject": "{reference}: thank you, {name}",
    "opening": "Our office is closed on Friday.\n\nThe fee is {fee}.",
    "closing": "<b>Drive</b> carefully & slowly.",
}


def written(case, role="applicant"):
    return Message.objects.filter(case_id=case.pk, role=role, channel="email").earliest("pk")


def test_each_notice_is_a_rule_and_its_original_is_in_order():
    wanted = {f"permits.message.{key}" for key in of_permits.NOTICES}
    wanted |= {f"incidents.message.{key}" for key in of_incidents.NOTICES}
    assert {rule.key for rule in RULES} == wanted
    for rule in RULES:
        assert not rule.check(rule.original, value), rule.key


def test_the_words_of_an_officer_are_in_the_message_and_escaped_in_html():
    put_all({SUBMIT: OURS})
    permit = make.filed(checked=False)
    message = written(permit)
    assert message.subject == f"{permit.reference}: thank you, {permit.answer('contact_name')}"
    assert "Our office is closed on Friday.\n\nThe fee is $" in message.text
    assert "<b>Drive</b> carefully & slowly." in message.text
    assert "&lt;b&gt;Drive&lt;/b&gt; carefully &amp; slowly." in message.html
    assert "<p>Our office is closed on Friday.</p>" in message.html


def test_without_changes_a_message_is_as_it_was():
    permit = make.filed(checked=False)
    assert written(permit).subject == f"{permit.reference}: we have your application"


def test_a_message_that_waits_keeps_its_words():
    permit = make.filed(checked=False)
    put_all({SUBMIT: OURS})
    assert written(permit).subject == f"{permit.reference}: we have your application"


def test_what_a_citizen_wrote_is_never_looked_at_for_placeholders():
    assert fill("{title}", {"title": "{agency_phone} {{ x }} {% now %}", "agency_phone": "1"}) == (
        "{agency_phone} {{ x }} {% now %}"
    )
    put_all({"incidents.message.submit": {"subject": "{reference}", "opening": "{name}: {title}", "closing": ""}})
    report = reports.filed()
    assert report.title in written(report, "reporter").text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{answer_by}", "There is no {answer_by} in this message. You may use: {reference}, {title}"),
        ("{said[title]}", "Curly brackets stand around names only"),
        ("{reference!r}", "Curly brackets stand around names only"),
        ("{{ reference }}", "Curly brackets stand around names only"),
        ("{reference.__class__}", "Curly brackets stand around names only"),
        ("{", "Curly brackets stand around names only"),
    ],
)
def test_a_placeholder_that_is_not_on_the_list_is_refused_with_the_list(admin_client, text, sentence):
    assert sentence in fault_of({"subject": "A", "opening": text, "closing": ""}, COMMON)
    seen = admin_client.get(URL).context["form"]["seen"].value()
    typed = {f"{SUBMIT}:subject": "A", f"{SUBMIT}:opening": text, f"{SUBMIT}:closing": "", "seen": seen}
    page = admin_client.post(URL, typed | {"_confirmed": "1"})
    assert page.status_code == 422
    assert page.context["form"][f"{SUBMIT}:opening"].value() == text
    assert value(SUBMIT)["opening"] == ""


def test_markup_that_got_past_the_form_is_only_text():
    put_all({SUBMIT: {"subject": "{reference}", "opening": "{% now 'Y' %} {{ permit }}", "closing": ""}})
    assert "{% now 'Y' %} {{ permit }}" in written(make.filed(checked=False)).text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_each_message_has_a_preview_with_every_word_filled_in(rule, django_assert_num_queries):
    with django_assert_num_queries(0):
        shown = list(rule.preview(rule.original | {"opening": "Hello {reference}.", "closing": "Call {agency_phone}."}))
    assert shown
    for one in shown:
        assert re.search(r"[RI][PR]-26-7K3QXM", one.subject + one.text)
        for text in (one.subject, one.text, one.html):
            assert not NAME.search(text), text
            assert "None" not in text
        assert "Hello" in one.text
        assert "Hello" in one.html
        assert one.text.rstrip().endswith("Iowa Department of Transportation")


def test_the_preview_is_made_as_the_message_is():
    """The invented permit, filed for real, sends what was previewed but for its own reference and link."""
    put_all({SUBMIT: OURS})
    permit = make.filed(checked=False)
    (preview,) = permit_rules.previews("submit", wording_of(SUBMIT))
    message = written(permit)

    def plain(text, reference):
        text = re.sub(r"/track/[^\s\"]+", "/track/", text)
        text = re.sub(r"by \w+, \w+ \d+, \d{4}", "by a day", text)
        return text.replace(reference, "REFERENCE")

    assert plain(preview.text, "RP-26-7K3QXM") == plain(message.text, permit.reference)
    assert plain(preview.html, "RP-26-7K3QXM") == plain(message.html, permit.reference)
    assert plain(preview.subject, "RP-26-7K3QXM") == plain(message.subject, permit.reference)


def test_the_page_previews_what_is_typed_without_saving_it(admin_client):
    seen = admin_client.get(URL).context["form"]["seen"].value()
    typed = {f"{SUBMIT}:{part}": text for part, text in OURS.items()} | {"seen": seen}
    page = admin_client.post(URL, typed | {"_preview": "1"}).content.decode()
    assert "RP-26-7K3QXM: thank you" in page
    assert "characters" in page
    mail = admin_client.post(f"{URL}mail/0/", typed)
    assert "&lt;b&gt;Drive&lt;/b&gt;" in mail.content.decode()
    assert "script-src" not in mail["Content-Security-Policy"]
    assert "default-src 'none'" in mail["Content-Security-Policy"]
    assert not RuleChange.objects.exists()
    assert admin_client.get(f"{URL}mail/99/").status_code == 404


def test_back_to_the_original_words(admin_client):
    put_all({SUBMIT: OURS})
    form = admin_client.get(URL).context["form"]
    typed = {bound.html_name: bound.value() for bound in form}
    page = admin_client.post(URL, typed | {"_original": SUBMIT})
    back = {bound.html_name: bound.value() for bound in page.context["form"]}
    assert back[f"{SUBMIT}:opening"] == ""
    admin_client.post(URL, back | {"_confirmed": "1"})
    settled()
    assert wording_of(SUBMIT) == Wording(subject="{reference}: we have your application")


@pytest.mark.parametrize(
    ("text", "characters", "parts"),
    [
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("€" * 80, 80, 1),
        ("€" * 81, 81, 2),
        ("ł" * 70, 70, 1),
        ("ł" * 71, 71, 2),
        ("a" * 307, 307, 3),
    ],
)
def test_the_length_of_a_text_message_is_counted_as_providers_do(text, characters, parts):
    found = length_of(text)
    assert (found.characters, found.parts) == (characters, parts)

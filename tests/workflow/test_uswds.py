"""The citizens' forms as a browser and a screen reader meet them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from django.utils import timezone, translation

from workflow.contrib.uswds.fields import TypedDateField, TypedDateTimeField, TypedTimeField
from workflow.contrib.uswds.forms import UswdsForm
from workflow.contrib.uswds.renderer import WIDGET_TEMPLATES, UswdsRenderer
from workflow.contrib.uswds.widgets import TileRadioSelect

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=y>"
CHOICES = [("dig", "Dig"), ("lane", "Close a lane")]
VOID = {"input", "br", "img", "abbr/"}


class Page(HTMLParser):
    """Collects tags with their attributes; complains about a tag left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"<{tag}> has an attribute twice: {attrs}"
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.tags if "id" in attrs]

    def controls(self) -> Iterator[tuple[str, dict[str, str | None]]]:
        for tag, attrs in self.tags:
            if tag in {"input", "select", "textarea"} and attrs.get("type") != "hidden":
                yield tag, attrs


class Everything(UswdsForm):
    name = forms.CharField(
        max_length=40, help_text="As on your licence", widget=forms.TextInput({"autocomplete": "name"})
    )
    summary = forms.CharField(max_length=500, widget=forms.Textarea, help_text="In your words")
    email = forms.EmailField(widget=forms.EmailInput({"autocomplete": "email"}))
    phone = forms.CharField(required=False, widget=forms.TextInput({"type": "tel", "inputmode": "tel"}))
    county = forms.ChoiceField(choices=[("", "Choose"), ("Central", [("77", "Polk")])])
    kind = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect, help_text="One only")
    tile = forms.ChoiceField(choices=CHOICES, widget=TileRadioSelect(descriptions={"dig": "Any opening"}))
    portion = forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(min_value=1, max_value=260)
    milepost = forms.DecimalField(max_digits=7, decimal_places=3)
    starts = TypedDateField()
    opens = TypedTimeField()
    moment = TypedDateTimeField()
    plan = forms.FileField(help_text="PDF")
    declared = forms.BooleanField(label="I declare", help_text="Read it first")
    secret = forms.CharField(required=False, widget=forms.HiddenInput)


SHOWN = [name for name in Everything.base_fields if name != "secret"]


def one(field: forms.Field, data: dict[str, Any] | None = None, **kwargs: Any) -> UswdsForm:
    return type("One", (UswdsForm,), {"f": field})(data, **kwargs)


@pytest.fixture
def refused() -> UswdsForm:
    form = Everything({})
    form.add_error("phone", "Enter a number we can call.")  # optional, so nothing else would refuse it
    assert set(form.errors) == set(SHOWN)
    return form


def test_ids_on_the_page_are_unique_and_every_reference_meets_one(refused: UswdsForm) -> None:
    page = Page(str(refused))
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for _, attrs in page.tags:
        for reference in (attrs.get("for"), *(attrs.get("aria-describedby") or "").split()):
            assert not reference or reference in ids
        assert attrs.get("aria-describedby") != ""


@pytest.mark.parametrize("name", SHOWN)
def test_a_refused_field_names_its_error_and_its_hint(refused: UswdsForm, name: str) -> None:
    page = Page(str(refused[name].as_field_group()))
    group = refused[name].use_fieldset
    described = page.all("fieldset")[0] if group else next(page.controls())[1]
    expected = [f"id_{name}_helptext"] if refused[name].help_text else []
    assert (described["aria-describedby"] or "").split()[: len(expected) + 1] == [*expected, f"id_{name}_error"]
    assert "usa-form-group--error" in str(page.all("div")[0]["class"])


@pytest.mark.parametrize("name", SHOWN)
def test_every_input_carries_a_uswds_class_a_label_and_its_invalidity(refused: UswdsForm, name: str) -> None:
    page = Page(str(refused[name].as_field_group()))
    labels = {attrs.get("for") for attrs in page.all("label")}
    for _, attrs in page.controls():
        assert re.search(r"\busa-(input|textarea|select|radio__input|checkbox__input)\b", str(attrs["class"]))
        assert attrs["id"] in labels
        assert (attrs["type"] == "radio") if "aria-invalid" not in attrs else (attrs["aria-invalid"] == "true")


@pytest.mark.parametrize("name", SHOWN)
def test_an_untouched_field_says_nothing_about_errors(name: str) -> None:
    html = str(Everything()[name].as_field_group())
    assert "error" not in html
    assert "aria-invalid" not in html


def test_the_summary_links_each_error_to_an_input_that_can_take_the_focus(refused: UswdsForm) -> None:
    page = Page(str(refused))
    inputs = {attrs["id"] for _, attrs in page.controls()}
    links = [str(attrs["href"]) for attrs in page.all("a")]
    assert [link.removeprefix("#") in inputs for link in links] == [True] * len(SHOWN)
    assert {"#id_kind_0", "#id_tile_0", "#id_portion_0", "#id_moment_0", "#id_declared"} <= set(links)


def test_the_summary_is_an_alert_that_can_be_focused_and_stands_first(refused: UswdsForm) -> None:
    attrs = Page(str(refused)).all("div")[0]
    assert (attrs["role"], attrs["tabindex"]) == ("alert", "-1")
    assert "There is a problem" in refused.error_summary()
    assert "data-error-summary" not in refused.questions()


def test_a_form_without_errors_has_no_summary() -> None:
    assert Everything().error_summary().strip() == ""


def test_grouped_radios_link_to_the_first_radio_that_exists() -> None:
    form = one(forms.ChoiceField(choices=[("Road", CHOICES)], widget=forms.RadioSelect), {})
    target = form.error_links[0].target
    assert target in Page(form.questions()).ids()


def test_an_error_of_the_whole_form_has_text_and_no_link() -> None:
    form = one(forms.CharField(), {"f": "x"})
    form.add_error(None, "The road is closed that week. Choose another.")
    assert [(link.target, link.text) for link in form.error_links] == [
        ("", "The road is closed that week. Choose another.")
    ]
    assert Page(form.error_summary()).all("a") == []


def test_a_summary_line_names_its_field_unless_the_sentence_does() -> None:
    form = one(forms.CharField(label="Road", error_messages={"required": "Enter the road."}), {})
    assert form.error_links[0].text == "Enter the road."
    assert one(forms.CharField(label="Road"), {}).error_links[0].text == "Road — Enter an answer."


@pytest.mark.parametrize("name", ["error_summary", "questions", "error_links", "has_required"])
def test_a_field_may_not_hide_what_the_template_asks_the_form_for(name: str) -> None:
    with pytest.raises(TypeError, match="choose another name"):
        type("Hiding", (UswdsForm,), {name: forms.CharField()})()


def test_two_forms_with_prefixes_share_a_page_without_sharing_ids() -> None:
    page = Page(str(Everything({}, prefix="a")) + str(Everything({}, prefix="b")))
    assert len(page.ids()) == len(set(page.ids()))


@pytest.mark.parametrize("name", SHOWN)
def test_hostile_labels_hints_and_errors_are_text(name: str) -> None:
    form = Everything({})
    form.fields[name].label = form.fields[name].help_text = HOSTILE
    form.add_error(name, HOSTILE)
    html = str(form)
    assert "<script" not in html
    assert "<img" not in html
    assert Page(html).ids()


@pytest.mark.parametrize("name", [n for n in SHOWN if n != "plan"])
def test_hostile_values_come_back_as_text(name: str) -> None:
    data = {name: HOSTILE, f"{name}_0": HOSTILE, f"{name}_1": HOSTILE}
    html = str(Everything(data))
    assert "<script" not in html
    assert "<img" not in html


@pytest.mark.parametrize("name", ["name", "summary", "email", "phone", "days", "milepost", "starts", "opens"])
def test_what_was_typed_is_still_there_after_an_error(name: str) -> None:
    typed = "not what we asked for " * 40
    assert typed.strip() in Everything({name: typed})[name].as_widget()


def test_both_parts_of_a_refused_moment_are_still_there() -> None:
    html = Everything({"moment_0": "13/13/2026", "moment_1": "noon"})["moment"].as_widget()
    assert 'value="13/13/2026"' in html
    assert 'value="noon"' in html


@pytest.mark.parametrize("choice", ["kind", "tile", "county", "portion"])
def test_a_chosen_option_stays_chosen(choice: str) -> None:
    value = "77" if choice == "county" else "lane"
    html = Everything({choice: value})[choice].as_widget()
    assert len(re.findall(r" (checked|selected)\b", html)) == 1


def test_no_browser_cuts_or_swallows_what_is_typed() -> None:
    for _, attrs in Page(str(Everything())).controls():
        assert not {"maxlength", "min", "max", "step", "pattern"} & set(attrs)
        assert attrs.get("type") not in {"number", "date", "time", "datetime-local"}


@pytest.mark.parametrize(("name", "mode"), [("days", "numeric"), ("milepost", "decimal"), ("phone", "tel")])
def test_a_phone_shows_the_right_keys(name: str, mode: str) -> None:
    assert next(Page(Everything()[name].as_widget()).controls())[1]["inputmode"] == mode


def test_autocomplete_passes_through() -> None:
    assert next(Page(Everything()["email"].as_widget()).controls())[1]["autocomplete"] == "email"


@pytest.mark.parametrize(
    ("field", "width"),
    [
        (forms.CharField(max_length=5), "usa-input--xs"),
        (forms.CharField(max_length=20), "usa-input--medium"),
        (forms.CharField(max_length=5, widget=forms.TextInput({"class": "usa-input--lg"})), "usa-input--lg"),
        (forms.IntegerField(), "usa-input--small"),
        (TypedDateField(), "usa-input--small"),
        (forms.CharField(max_length=200), ""),
    ],
)
def test_an_input_is_as_wide_as_its_answer(field: forms.Field, width: str) -> None:
    html = one(field)["f"].as_widget()
    assert re.findall(r"usa-input--\w+", html) == ([width] if width else [])


def test_required_and_optional_are_said_in_words() -> None:
    assert 'title="required"' in one(forms.CharField())["f"].as_field_group()
    optional = one(forms.CharField(required=False))
    assert "(optional)" in optional["f"].as_field_group()
    assert "abbr" not in str(optional)


def test_a_radio_group_is_a_group_that_says_it_is_required() -> None:
    fieldset = Page(Everything({})["kind"].as_field_group()).all("fieldset")[0]
    assert (fieldset["role"], fieldset["aria-required"], fieldset["aria-invalid"]) == ("radiogroup", "true", "true")


def test_a_tile_explains_itself() -> None:
    html = Everything()["tile"].as_widget()
    assert html.count("usa-radio__input--tile") == 2
    assert html.count("Any opening") == 1


def test_a_text_area_announces_its_limit() -> None:
    page = Page(Everything()["summary"].as_field_group())
    assert page.all("textarea")[0]["aria-describedby"] == "id_summary_helptext id_summary_limit"
    assert next(a for a in page.all("span") if a.get("id") == "id_summary_limit")["data-limit"] == "500"


def test_a_stored_file_is_named_and_never_linked() -> None:
    class Stored(SimpleUploadedFile):
        url = "/secret/plan.pdf"

    form = one(forms.FileField(required=False), initial={"f": Stored("plan.pdf", b"x")})
    html = form["f"].as_field_group()
    assert "plan.pdf</strong>" in html
    assert "/secret/" not in html
    assert len(Page(html).all("label")) == 2


def test_hidden_inputs_stay_bare() -> None:
    html = Everything({"secret": "7"})["secret"].as_widget()
    assert html == '<input type="hidden" name="secret" value="7" id="id_secret">'


def test_a_disabled_field_is_disabled_in_every_part() -> None:
    assert all("disabled" in a for _, a in Page(one(TypedDateTimeField(disabled=True))["f"].as_widget()).controls())


@pytest.mark.parametrize(
    "widget", [w for w in vars(forms.widgets).values() if isinstance(w, type) and issubclass(w, forms.Widget)]
)
def test_every_widget_of_django_is_ours_hidden_or_refused(widget: type[forms.Widget]) -> None:
    if widget.__subclasses__() and not getattr(widget, "template_name", None):
        assert widget.__name__ in {"Widget", "ChoiceWidget", "Input", "DateTimeBaseInput"}
        return
    known = widget.template_name in WIDGET_TEMPLATES
    hidden = "Hidden" in widget.__name__
    refused_kinds = {"SelectDateWidget", "SplitDateTimeWidget", "DateTimeInput", "MultiWidget"}
    abstract = {"Input", "ChoiceWidget"}
    assert known or hidden or widget.__name__ in refused_kinds | abstract, widget.__name__


@pytest.mark.parametrize("field", [forms.DateField, forms.TimeField, forms.DateTimeField, forms.SplitDateTimeField])
def test_a_date_that_depends_on_the_language_is_refused(field: type[forms.Field]) -> None:
    with pytest.raises(TypeError, match="use Typed"):
        one(field())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("typed", ["03/04/2027", "3/4/2027", "2027-03-04", "03-04-2027", " 03/04/2027 "])
def test_a_date_means_the_same_in_every_language(language: str, typed: str) -> None:
    with translation.override(language):
        form = one(TypedDateField(), {"f": typed})
        assert form.is_valid()
        assert form.cleaned_data["f"] == date(2027, 3, 4)
        assert 'value="03/04/2027"' in one(TypedDateField(), initial={"f": date(2027, 3, 4)})["f"].as_widget()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "required"), ("02/30/2027", "no_such_day"), ("2027-13-01", "no_such_day")]
    + [(text, "invalid") for text in ("tomorrow", "3/4/27", "03.04.2027", "\x00", "٠٣/٠٤/٢٠٢٧x", "1" * 5000)],
)
def test_a_date_that_cannot_be_read_has_a_code_and_a_sentence(typed: str, code: str) -> None:
    error = one(TypedDateField(), {"f": typed}).errors.as_data()["f"][0]
    assert error.code == code
    assert str(error.message).endswith(".")


@pytest.mark.parametrize("typed", ["7:30 PM", "07:30pm", "7:30 p.m.", "7:30 P. M.", "19:30"])
def test_a_time_is_read_as_people_write_it(typed: str) -> None:
    assert TypedTimeField().clean(typed) == time(19, 30)


def test_an_hour_alone_is_a_time_and_nonsense_is_not() -> None:
    assert TypedTimeField().clean("7 am") == time(7)
    with pytest.raises(forms.ValidationError, match="AM or PM"):
        TypedTimeField().clean("13:00 PM")


def test_a_moment_is_aware_and_shows_again_as_local_time() -> None:
    form = one(TypedDateTimeField(), {"f_0": "12/01/2026", "f_1": "7:30 AM"})
    assert form.is_valid()
    assert form.cleaned_data["f"] == datetime(2026, 12, 1, 13, 30, tzinfo=UTC)
    html = one(TypedDateTimeField(), initial={"f": form.cleaned_data["f"]})["f"].as_widget()
    assert 'value="12/01/2026"' in html
    assert 'value="07:30 AM"' in html


@pytest.mark.parametrize(
    ("day", "clock", "sentence"),
    [
        ("03/14/2027", "2:30 AM", "jump over"),
        ("11/07/2027", "1:30 AM", "happens twice"),
        ("12/01/2026", "", "Enter the time too"),
        ("", "7:30 AM", "Enter the date too"),
        ("", "", "Enter the date and the time"),
        ("01/01/0001", "12:00 AM", ""),
        ("12/31/9999", "11:59 PM", ""),
    ],
)
def test_a_moment_that_is_no_moment_says_what_to_do(day: str, clock: str, sentence: str) -> None:
    form = one(TypedDateTimeField(), {"f_0": day, "f_1": clock})
    if sentence:
        assert sentence in form.errors["f"][0]
    else:
        assert form.is_valid()
        assert timezone.is_aware(form.cleaned_data["f"])


def test_an_optional_moment_may_be_left_out_but_not_halved() -> None:
    field = TypedDateTimeField(required=False)
    assert one(field, {"f_0": "", "f_1": ""}).is_valid()
    assert not one(field, {"f_0": "12/01/2026", "f_1": ""}).is_valid()


def test_the_step_indicator_says_where_we_are_in_words() -> None:
    html = render_to_string("uswds/step_indicator.html", {"steps": ["What", "Who", "<Where>", "When"], "current": 2})
    text = " ".join(re.sub(r"<[^>]+>", "", html).split())
    assert text.endswith("Step 3 of 4: &lt;Where&gt;")
    segments = Page(html).all("li")
    assert [a.get("aria-current") for a in segments] == [None, None, "step", None]
    assert sum("--complete" in str(a["class"]) for a in segments) == 2


def test_forms_elsewhere_keep_djangos_own_look() -> None:
    assert "usa-" not in str(forms.Form())
    assert not isinstance(type("Plain", (forms.Form,), {"f": forms.CharField()})().renderer, UswdsRenderer)

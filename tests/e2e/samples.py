"""One page with every kind of question: the form templates are seen in a browser before a real form uses them."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import Context, RequestContext, Template
from django.urls import path

from config import views
from workflow.contrib.uswds.fields import TypedDateField, TypedDateTimeField, TypedTimeField
from workflow.contrib.uswds.forms import UswdsForm
from workflow.contrib.uswds.widgets import TileRadioSelect

PAGE = """{% extends "base.html" %}
{% block title %}Where and when{% endblock %}
{% block content %}<div class="grid-container mp-section">
{% include "uswds/step_indicator.html" %}
<form class="usa-form usa-form--large" method="post" enctype="multipart/form-data" novalidate>
{% csrf_token %}{{ form.error_summary }}<h1>Where and when will you work?</h1>{{ form.questions }}
<button class="usa-button" type="submit">Save and go on</button>
</form>
<p>{% for tone in tones %}<span class="mp-status mp-status--{{ tone }}">{{ tone }}</span> {% endfor %}</p>
</div>{% endblock %}"""
STEPS = ["Kind", "Applicant", "Where", "When", "Traffic", "Digging", "Documents", "Payment", "Check"]
TONES = ["moving", "waiting", "good", "stopped", "over"]


class SampleForm(UswdsForm):
    kind = forms.ChoiceField(
        label="What do you need a permit for?",
        choices=[("driveway", "A driveway"), ("lane", "Closing a lane"), ("event", "An event")],
        widget=TileRadioSelect(
            descriptions={"lane": "Also a shoulder or a sidewalk", "event": "A race, a parade, a market"}
        ),
    )
    emergency = forms.ChoiceField(
        label="Is it an emergency?", choices=[("no", "No"), ("yes", "Yes")], widget=forms.RadioSelect
    )
    portion = forms.MultipleChoiceField(
        label="Which parts of the road do you use?",
        help_text="Choose all that apply.",
        choices=[("lane", "Travel lane"), ("shoulder", "Shoulder"), ("sidewalk", "Sidewalk")],
        widget=forms.CheckboxSelectMultiple,
    )
    summary = forms.CharField(
        label="What will you do?", help_text="In your own words.", max_length=500, widget=forms.Textarea({"rows": 4})
    )
    road = forms.CharField(label="Road", max_length=40, help_text="For example US-69 or Grand Avenue.")
    milepost = forms.DecimalField(label="From mile marker", max_digits=7, decimal_places=3, required=False)
    county = forms.ChoiceField(label="County", choices=[("", "Choose a county"), ("polk", "Polk"), ("story", "Story")])
    first_day = TypedDateField(label="First day of work")
    from_time = TypedTimeField(label="Work begins each day at")
    closes = TypedDateTimeField(label="When does the lane close?")
    phone = forms.CharField(
        label="Phone", max_length=20, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"})
    )
    email = forms.EmailField(label="E-mail", required=False, widget=forms.EmailInput({"autocomplete": "email"}))
    plan = forms.FileField(label="Site plan or sketch", help_text="PDF, PNG or JPG, at most 25 MB.")
    declared = forms.BooleanField(label="What I entered is true to the best of my knowledge.")


def sample(request: HttpRequest) -> HttpResponse:
    form = SampleForm(request.POST, request.FILES) if request.method == "POST" else SampleForm()
    context: Context = RequestContext(request, {"form": form, "steps": STEPS, "current": 2, "tones": TONES})
    return HttpResponse(Template(PAGE).render(context))


handler500 = "config.views.server_error"
urlpatterns = [path("", views.home, name="home"), path("sample/", sample)]

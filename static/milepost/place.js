// Fills the position of the device into a form that asks for it. The page works without: a position is never needed.
(function () {
  "use strict";

  var latitude = document.querySelector('[data-place="latitude"]');
  var longitude = document.querySelector('[data-place="longitude"]');
  var told = document.querySelector("[data-place-told]");
  var button = document.querySelector("[data-place-ask]");
  if (!latitude || !longitude || !navigator.geolocation) {
    return;
  }

  function say(text) {
    if (told) {
      told.hidden = false;
      told.textContent = text;
    }
  }

  function ask() {
    say("Asking your phone where it is …");
    navigator.geolocation.getCurrentPosition(
      function (found) {
        latitude.value = found.coords.latitude.toFixed(5);
        longitude.value = found.coords.longitude.toFixed(5);
        say("The position of this device will be sent, too.");
      },
      function () {
        say("Your phone gave no position. That is fine: send the form without it.");
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 }
    );
  }

  if (button) {
    button.hidden = false;
    button.addEventListener("click", ask);
  } else {
    ask();
  }
})();

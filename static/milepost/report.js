// "Use where I am now" on the page "Where is it?". Without it everything else on that page works as before.
(function () {
  "use strict";

  var box = document.querySelector("[data-locate]");
  var latitude = document.getElementById("id_latitude");
  var longitude = document.getElementById("id_longitude");
  var source = document.getElementById("id_place_source");
  if (!box || !latitude || !longitude || !source || !navigator.geolocation) {
    return;
  }
  var status = box.querySelector("[data-locate-status]");
  var own = false;

  function tell(input) {
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // Any other hand on the point makes it a pin.
  [latitude, longitude].forEach(function (input) {
    input.addEventListener("change", function () {
      if (!own) {
        source.value = "pin";
      }
    });
  });

  box.hidden = false;
  box.querySelector("[data-locate-button]").addEventListener("click", function () {
    status.textContent = status.dataset.finding;
    navigator.geolocation.getCurrentPosition(
      function (found) {
        own = true;
        latitude.value = found.coords.latitude.toFixed(6);
        longitude.value = found.coords.longitude.toFixed(6);
        source.value = "device";
        tell(latitude);
        tell(longitude);
        own = false;
        var details = latitude.closest("details");
        if (details) {
          details.open = true;
        }
        status.textContent = status.dataset.found;
      },
      function () {
        status.textContent = status.dataset.refused;
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 }
    );
  });
})();

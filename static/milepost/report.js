// The point on the page "Where is it?": the device's position, and the photo's. Without it the page works as before.
(function () {
  "use strict";

  var latitude = document.getElementById("id_latitude");
  var longitude = document.getElementById("id_longitude");
  var source = document.getElementById("id_place_source");
  if (!latitude || !longitude || !source) {
    return;
  }
  var offer = document.querySelector("[data-photo-latitude]");
  var usePhoto = document.getElementById("id_use_photo");
  var own = false;

  // Fills the inputs and tells the map, which listens to them.
  function fill(y, x, from) {
    own = true;
    latitude.value = y;
    longitude.value = x;
    source.value = from;
    [latitude, longitude].forEach(function (input) {
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    own = false;
  }

  // Any other hand on the point, the map's or the keyboard's, makes it a pin and no longer the photo's place.
  [latitude, longitude].forEach(function (input) {
    input.addEventListener("change", function () {
      if (!own) {
        source.value = "pin";
        if (usePhoto) {
          usePhoto.checked = false;
        }
      }
    });
  });

  if (offer && usePhoto) {
    usePhoto.addEventListener("change", function () {
      if (usePhoto.checked) {
        fill(offer.dataset.photoLatitude, offer.dataset.photoLongitude, "photo");
      } else {
        fill("", "", "");
      }
    });
  }

  var box = document.querySelector("[data-locate]");
  if (!box || !navigator.geolocation) {
    return;
  }
  var status = box.querySelector("[data-locate-status]");
  box.hidden = false;
  box.querySelector("[data-locate-button]").addEventListener("click", function () {
    status.textContent = status.dataset.finding;
    navigator.geolocation.getCurrentPosition(
      function (found) {
        if (usePhoto) {
          usePhoto.checked = false;
        }
        fill(found.coords.latitude.toFixed(6), found.coords.longitude.toFixed(6), "device");
        status.textContent = status.dataset.found;
      },
      function () {
        status.textContent = status.dataset.refused;
      },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 }
    );
  });
})();

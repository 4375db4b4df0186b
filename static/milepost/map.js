// Maps. Every element with data-map becomes one; it is hidden in the page, so that nothing shows without this script.
//
//   data-label            what the map shows, for screen readers
//   data-latitude, data-longitude, data-zoom   the centre; or data-bounds="west,south,east,north"
//   data-counties         outlines to draw (GeoJSON)
//   data-tiles, data-attribution   background pictures; without them there are outlines only
//   data-geojson          points (GeoJSON); data-reload: asked again with bbox= and zoom= whenever the map moves
//   data-marker           a fixed marker in the centre with this name
//   data-pin              a pin to set by click, drag or the button below; it fills the inputs whose ids stand in
//                         data-latitude-input and data-longitude-input, and follows what is typed there
//
// A point has the properties reference, title, state, status, url, count, photo; several in one also bbox.
(function () {
  "use strict";

  var L = window.L;
  if (!L) {
    return;
  }
  var LAST_ZOOM = 18; // from here on several reports in one place open as a list
  var SPOT = 0.0002; // degrees, about twenty metres
  var NAMES_FROM = 8;
  var still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  function element(name, text, parent, className) {
    var made = document.createElement(name);
    made.textContent = text || "";
    if (className) {
      made.className = className;
    }
    if (parent) {
      parent.appendChild(made);
    }
    return made;
  }

  function number(text) {
    var value = parseFloat(String(text || "").replace(",", "."));
    return isFinite(value) ? value : null;
  }

  function named(marker, name) {
    marker.on("add", function () {
      var shown = marker.getElement();
      shown.setAttribute("aria-label", name);
      if (!shown.hasAttribute("role")) {
        shown.setAttribute("role", "img");
      }
    });
    return marker;
  }

  function read(url, signal) {
    return fetch(url, { signal: signal, headers: { Accept: "application/json" } }).then(function (answer) {
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      return answer.json();
    });
  }

  // west,south,east,north as Leaflet takes it.
  function box(edges) {
    return L.latLngBounds([edges[1], edges[0]], [edges[3], edges[2]]);
  }

  // West, south, east, north, within the world however far somebody pulls the map.
  function edges(bounds) {
    function within(value, most) {
      return Math.max(-most, Math.min(most, value)).toFixed(5);
    }
    return [
      within(bounds.getWest(), 180),
      within(bounds.getSouth(), 90),
      within(bounds.getEast(), 180),
      within(bounds.getNorth(), 90)
    ];
  }

  function start(holder) {
    var options = holder.dataset;
    holder.hidden = false;
    holder.classList.add("mp-map");
    holder.setAttribute("role", "region");
    holder.setAttribute("aria-label", options.label || "Map");
    var map = L.map(holder, {
      minZoom: 4,
      maxZoom: 19,
      zoomSnap: options.tiles ? 1 : 0.25, // outlines are sharp at any size, pictures are not
      scrollWheelZoom: false,
      zoomAnimation: !still,
      fadeAnimation: !still,
      markerZoomAnimation: !still
    });
    // The wheel scrolls the page until somebody means the map.
    map.on("focus", function () {
      map.scrollWheelZoom.enable();
    });
    map.on("blur", function () {
      map.scrollWheelZoom.disable();
    });
    var foot = element("div", "", null, "mp-map__foot");
    holder.after(foot);
    var place = { map: map, holder: holder, options: options, foot: foot, status: element("span", "", foot) };
    place.status.setAttribute("role", "status");
    look(place);
    ground(place);
    if (options.geojson) {
      points(place);
    }
    if (options.marker !== undefined && map.getCenter) {
      named(L.marker(map.getCenter(), { icon: pinIcon(), interactive: false, keyboard: false }), options.marker).addTo(map);
    }
    if (options.pin !== undefined) {
      pin(place);
    }
  }

  function look(place) {
    var options = place.options;
    var latitude = number(options.latitude);
    var longitude = number(options.longitude);
    if (latitude !== null && longitude !== null) {
      place.map.setView([latitude, longitude], number(options.zoom) || 13);
    } else if (options.bounds) {
      place.map.fitBounds(box(options.bounds.split(",").map(Number)));
    } else {
      place.map.setView([39.8, -98.6], 4);
      place.open = true; // looks at what comes in first
    }
  }

  function failed(place) {
    place.status.textContent = place.options.failed || "The map could not be loaded. Everything is in the text, too.";
  }

  // -- what lies below -------------------------------------------------------------------------------------------------

  function ground(place) {
    var map = place.map;
    if (place.options.tiles) {
      L.tileLayer(place.options.tiles, { maxZoom: 19, attribution: place.options.attribution || "" }).addTo(map);
    }
    if (!place.options.counties) {
      return;
    }
    read(place.options.counties)
      .then(function (found) {
        var outlines = L.geoJSON(found, {
          interactive: false,
          style: { color: "#71767a", weight: 1, fill: !place.options.tiles, fillColor: "#fff", fillOpacity: 1 },
          onEachFeature: function (feature, layer) {
            var name = element("span", feature.properties.name);
            layer.bindTooltip(name, { permanent: true, direction: "center", className: "mp-county", interactive: false });
          }
        }).addTo(map);
        outlines.bringToBack();
        if (place.open) {
          map.fitBounds(outlines.getBounds());
        }
      })
      .catch(function () {
        failed(place);
      });
    function names() {
      place.holder.classList.toggle("mp-map--names", !place.options.tiles && map.getZoom() >= NAMES_FROM);
    }
    map.on("zoomend", names);
    names();
  }

  // -- reports ---------------------------------------------------------------------------------------------------------

  function points(place) {
    var map = place.map;
    var shown = new Map();
    var running = null;

    function address() {
      var url = new URL(place.options.geojson, window.location.href);
      if (place.options.reload !== undefined) {
        url.searchParams.set("bbox", edges(map.getBounds()).join(","));
        url.searchParams.set("zoom", Math.round(map.getZoom()));
      }
      return url;
    }

    function show(found) {
      var wanted = new Map();
      found.features.forEach(function (feature) {
        var at = feature.geometry.coordinates;
        wanted.set([feature.properties.reference || feature.properties.count, at[0], at[1]].join(" "), feature);
      });
      // What is there already stays, and with it an open popup and the keyboard's place.
      shown.forEach(function (marker, key) {
        if (!wanted.has(key)) {
          marker.remove();
          shown.delete(key);
        }
      });
      wanted.forEach(function (feature, key) {
        if (!shown.has(key)) {
          shown.set(key, marked(place, feature).addTo(map));
        }
      });
      place.status.textContent = found.features.length ? "" : place.options.empty || "";
      if (place.open && shown.size && place.options.reload === undefined) {
        place.open = false;
        map.fitBounds(L.featureGroup(Array.from(shown.values())).getBounds(), { maxZoom: 14, padding: [30, 30] });
      }
    }

    function load() {
      if (running) {
        running.abort();
      }
      running = new AbortController();
      read(address(), running.signal)
        .then(show)
        .catch(function (error) {
          if (error.name !== "AbortError") {
            failed(place);
          }
        });
    }

    if (place.options.reload !== undefined) {
      map.on("moveend", load);
    }
    load();
  }

  function marked(place, feature) {
    var at = [feature.geometry.coordinates[1], feature.geometry.coordinates[0]];
    var about = feature.properties;
    if (about.count > 1) {
      return cluster(place, at, about);
    }
    var icon = L.divIcon({ className: "mp-dot" + (about.status === "closed" ? " mp-dot--closed" : ""), iconSize: [20, 20] });
    var marker = named(L.marker(at, { icon: icon }), [about.title, about.state].filter(Boolean).join(", "));
    return marker.bindPopup(function () {
      return card(about);
    }, { maxWidth: 240, minWidth: 160 });
  }

  function isOneSpot(bounds) {
    return bounds.getNorth() - bounds.getSouth() < SPOT && bounds.getEast() - bounds.getWest() < SPOT;
  }

  function cluster(place, at, about) {
    var size = 30 + Math.min(26, Math.round(Math.log(about.count) * 4));
    var text = about.count > 9999 ? Math.round(about.count / 1000) + "k" : String(about.count);
    var icon = L.divIcon({ className: "mp-cluster", html: element("span", text), iconSize: [size, size] });
    var marker = named(L.marker(at, { icon: icon }), about.title);
    return marker.on("click keypress", function (event) {
      var key = event.originalEvent && event.originalEvent.key;
      if (event.type === "keypress" && key !== "Enter" && key !== " ") {
        return;
      }
      var inside = about.bbox ? box(about.bbox) : null;
      var zoom = place.map.getZoom();
      if (about.url && (zoom >= LAST_ZOOM || (inside && isOneSpot(inside)))) {
        window.location.assign(about.url); // nothing to zoom into
        return;
      }
      var next = inside ? place.map.getBoundsZoom(inside) : zoom + 2;
      place.map.setView(inside ? inside.getCenter() : at, Math.max(Math.min(next, LAST_ZOOM), zoom + 1));
    });
  }

  function card(about) {
    var made = element("div");
    if (about.photo) {
      var picture = element("img", "", made);
      picture.src = about.photo;
      picture.alt = "Photo of the report";
    }
    var link = element(about.url ? "a" : "strong", about.title, made);
    if (about.url) {
      link.href = about.url;
    }
    [about.state, about.reference].filter(Boolean).forEach(function (line) {
      element("p", line, made);
    });
    return made;
  }

  // -- a pin to set ----------------------------------------------------------------------------------------------------

  function pinIcon() {
    return L.divIcon({ className: "mp-pin-place", html: element("div", "", null, "mp-pin"), iconSize: [26, 26], iconAnchor: [13, 31] });
  }

  function input(id) {
    return id ? document.getElementById(id) : null;
  }

  function pin(place) {
    var options = place.options;
    var map = place.map;
    var latitude = input(options.latitudeInput) || input(options.latitude);
    var longitude = input(options.longitudeInput) || input(options.longitude);
    var marker = null;
    var own = false;
    if (!latitude || !longitude) {
      return;
    }

    function put(at) {
      if (marker) {
        marker.setLatLng(at);
        return;
      }
      marker = named(L.marker(at, { icon: pinIcon(), draggable: true, autoPan: true }), options.pinName || "The place you chose");
      marker.on("dragend", function () {
        fill(marker.getLatLng());
      });
      marker.addTo(map);
    }

    function fill(at) {
      own = true;
      at = at.wrap();
      latitude.value = at.lat.toFixed(6);
      longitude.value = at.lng.toFixed(6);
      [latitude, longitude].forEach(function (field) {
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      });
      own = false;
      place.status.textContent = at.lat.toFixed(5) + ", " + at.lng.toFixed(5);
    }

    function follow() {
      var y = number(latitude.value);
      var x = number(longitude.value);
      if (own || y === null || x === null || Math.abs(y) > 90 || Math.abs(x) > 180) {
        return;
      }
      put([y, x]);
      map.setView([y, x], Math.max(map.getZoom(), options.tiles ? 13 : 9), { animate: false });
    }

    map.on("click", function (event) {
      put(event.latlng);
      fill(event.latlng);
    });
    latitude.addEventListener("change", follow);
    longitude.addEventListener("change", follow);
    var button = element("button", options.pinLabel || "Put the pin in the middle of the map", null, "usa-button usa-button--outline");
    button.type = "button";
    button.addEventListener("click", function () {
      put(map.getCenter());
      fill(map.getCenter());
    });
    place.foot.prepend(button);
    follow();
  }

  document.querySelectorAll("[data-map]").forEach(start);
})();

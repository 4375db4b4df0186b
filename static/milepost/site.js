// Small comforts; every page works without them.
(function () {
  "use strict";

  // After a refused form: the list of problems gets the focus, so that a screen reader starts there.
  var summary = document.querySelector("[data-error-summary]");
  // Whoever came by a link to one field goes there.
  if (summary && !window.location.hash) {
    summary.focus();
  }

  // Only a script can open the print dialog, so only a script shows the button.
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      window.print();
    });
  });

  // Counts down beside a text area and, after a pause in typing, says so to a screen reader. Never stops anybody.
  document.querySelectorAll("[data-counts]").forEach(function (line) {
    var area = document.getElementById(line.dataset.counts);
    if (!area) {
      return;
    }
    var spoken = document.createElement("span");
    var timer = 0;
    spoken.className = "usa-sr-only";
    spoken.setAttribute("aria-live", "polite");
    line.after(spoken);

    function count() {
      // As the server counts: code points, a line end as two characters.
      var length = Array.from(area.value.replace(/\r?\n/g, "\r\n")).length;
      var left = Number(line.dataset.limit) - length;
      line.textContent = (left < 0 ? line.dataset.over : line.dataset.left) + " " + Math.abs(left);
      line.classList.toggle("mp-over-limit", left < 0);
    }

    area.addEventListener("input", function () {
      count();
      window.clearTimeout(timer);
      timer = window.setTimeout(function () {
        spoken.textContent = line.textContent;
      }, 1200);
    });
    count();
  });
})();

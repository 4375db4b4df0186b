// Saves a list with its progress shown. Without this script the same links save the same files.
// The file comes in frames (workflow/admin/sending.py): lines so far, length, then so many bytes of it.
(function () {
  "use strict";

  var FRAMES = "application/vnd.milepost.frames";
  var THE_END = 0xffffffff;
  var HEAD = 8;
  var EVERY = 5000; // milliseconds between two sentences for a screen reader
  var box = document.querySelector("[data-export-progress]");
  if (!box || !box.showModal || !window.ReadableStream || !window.AbortController) {
    return;
  }
  var told = box.querySelector("[data-export-told]");
  var spoken = box.querySelector("[data-export-spoken]");
  var bar = box.querySelector("progress");
  var cancel = box.querySelector("[data-export-cancel]");
  var close = box.querySelector("[data-export-close]");
  var stop = null;

  // Takes whole frames out of what has come so far. Answers the rest.
  function unframe(bytes, take) {
    var at = 0;
    while (bytes.length - at >= HEAD) {
      var view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD);
      var length = view.getUint32(4);
      if (length === THE_END) {
        take(view.getUint32(0), null);
        return new Uint8Array(0);
      }
      if (bytes.length - at - HEAD < length) {
        break;
      }
      take(view.getUint32(0), bytes.slice(at + HEAD, at + HEAD + length));
      at += HEAD + length;
    }
    return bytes.slice(at);
  }

  function joined(first, second) {
    var both = new Uint8Array(first.length + second.length);
    both.set(first);
    both.set(second, first.length);
    return both;
  }

  function say(sentence) {
    told.textContent = spoken.textContent = sentence;
  }

  function finish(sentence) {
    say(sentence);
    stop = null;
    bar.hidden = cancel.hidden = true;
    close.hidden = false;
    close.focus();
  }

  function hand_over(pieces, response) {
    var link = document.createElement("a");
    var name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"))[1];
    link.href = URL.createObjectURL(new Blob(pieces, { type: response.headers.get("Milepost-Type") }));
    link.download = name;
    link.click();
    window.setTimeout(function () {
      URL.revokeObjectURL(link.href);
    }, 60000);
    return name;
  }

  // Reads the answer to its end; the promise is kept only when the end was said.
  function receive(response) {
    var total = Number(response.headers.get("Milepost-Rows"));
    var reader = response.body.getReader();
    var pieces = [];
    var rest = new Uint8Array(0);
    var isWhole = false;
    var lastSpoken = Date.now();
    bar.max = total;

    function take(rows, piece) {
      bar.value = rows;
      told.textContent = rows.toLocaleString("en-US") + " of " + total.toLocaleString("en-US") + " cases written";
      if (Date.now() - lastSpoken > EVERY) {
        lastSpoken = Date.now();
        spoken.textContent = told.textContent;
      }
      if (piece === null) {
        isWhole = true;
      } else {
        pieces.push(piece);
      }
    }

    function next() {
      return reader.read().then(function (read) {
        if (!read.done) {
          rest = unframe(joined(rest, read.value), take);
          return next();
        }
        if (!isWhole) {
          throw new Error(box.dataset.lost);
        }
        var name = hand_over(pieces, response);
        finish("Saved " + total.toLocaleString("en-US") + (total === 1 ? " case" : " cases") + " as " + name + ".");
      });
    }
    return next();
  }

  function start(address) {
    var stopping = (stop = new AbortController());
    bar.hidden = cancel.hidden = false;
    bar.removeAttribute("value"); // nobody knows yet how many there are
    close.hidden = true;
    say(box.dataset.counting);
    box.showModal();
    fetch(address, { headers: { Accept: FRAMES }, credentials: "same-origin", signal: stopping.signal })
      .then(function (response) {
        var type = response.headers.get("Content-Type") || "";
        if (type.indexOf(FRAMES) === 0) {
          return receive(response);
        }
        if (type.indexOf("application/json") === 0) {
          return response.json().then(function (answer) {
            finish(answer.sentence);
          });
        }
        throw new Error(box.dataset.failed);
      })
      .catch(function (error) {
        if (stop === stopping) {
          var isOurs = error.message === box.dataset.failed;
          finish(isOurs ? error.message : box.dataset.lost);
        }
      });
  }

  function leave() {
    if (stop) {
      var under_way = stop;
      stop = null;
      under_way.abort();
    }
    box.close();
  }

  document.querySelectorAll("[data-export]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      if (!event.ctrlKey && !event.metaKey && !event.shiftKey && !stop) {
        event.preventDefault();
        start(link.href);
      }
    });
  });
  cancel.addEventListener("click", leave);
  close.addEventListener("click", leave);
  box.addEventListener("cancel", leave);
})();

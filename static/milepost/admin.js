// What Django's own widgets leave out. Pages work without it.
// The magnifier of a two-box chooser is named, but has no role that may have a name.
addEventListener("load", () => {
  for (const icon of document.querySelectorAll("span.help-tooltip[aria-label]:not([role])")) icon.setAttribute("role", "img");
});

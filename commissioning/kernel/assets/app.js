// Small things every page needs: tables that know whether they fit.
(function () {
  "use strict";

  function fit(region) {
    var table = region.querySelector("table");
    region.classList.remove("app-table__region--fits");
    var fits = table.scrollWidth <= region.clientWidth + 1;
    region.classList.toggle("app-table__region--fits", fits);
    if (fits) region.removeAttribute("tabindex");
    else region.setAttribute("tabindex", "0");
  }

  function watch(root) {
    root.querySelectorAll(".app-table__region").forEach(function (region) {
      fit(region);
      new ResizeObserver(function () { fit(region); }).observe(region.parentElement);
    });
  }

  watch(document);
  document.addEventListener("htmx:load", function (event) {
    if (event.detail.elt !== document.body) watch(event.detail.elt);
  });
})();

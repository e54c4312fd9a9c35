// Pieces of the recording page: elements, fields as GOV.UK shows them, dates in words.
(function () {
  "use strict";

  var R = (window.VisitRecord = {});
  var MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December"];

  // R.h("p", {class: "govuk-body", on: {click: f}}, "words", element, ...)
  R.h = function (tag, facts) {
    var made = document.createElement(tag);
    Object.entries(facts || {}).forEach(function (fact) {
      var name = fact[0], value = fact[1];
      if (name === "on") Object.entries(value).forEach(function (each) { made.addEventListener(each[0], each[1]); });
      else if (name in { value: 1, checked: 1, disabled: 1, hidden: 1, open: 1, selected: 1 }) made[name] = value;
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
    });
    Array.prototype.slice.call(arguments, 2).flat(Infinity).forEach(function (child) {
      if (child !== null && child !== undefined && child !== false && child !== "") made.append(child);
    });
    return made;
  };
  var h = R.h;

  R.uuid = function () { return crypto.randomUUID(); };

  R.day = function (text) {
    var parts = String(text).slice(0, 10).split("-").map(Number);
    return parts.length === 3 && parts[1] ? parts[2] + " " + MONTHS[parts[1] - 1] + " " + parts[0] : "no day";
  };

  R.today = function () {
    var now = new Date();
    return new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  };

  R.clock = function (instant) {
    var at = new Date(instant);
    return String(at.getHours()).padStart(2, "0") + ":" + String(at.getMinutes()).padStart(2, "0");
  };

  R.count = function (number, one, many) { return number + " " + (number === 1 ? one : many); };

  R.button = function (words, act, kind, facts) {
    var look = "govuk-button" + (kind ? " govuk-button--" + kind : "");
    return h("button", Object.assign({ type: "button", class: look, on: { click: act } }, facts), words);
  };

  // facts: {id, label, hint, value, rows, problem, small, type, attributes, change(value)}
  R.text = function (facts) {
    var told = [facts.hint && facts.id + "-hint", facts.problem && facts.id + "-problem"].filter(Boolean).join(" ");
    var many = facts.rows !== 1;
    var field = h(many ? "textarea" : "input", Object.assign({
      id: facts.id, class: many ? "govuk-textarea" : "govuk-input " + (facts.width || ""), rows: many ? facts.rows || 3 : null,
      type: many ? null : facts.type || "text", "aria-describedby": told || null, value: facts.value || "",
      "aria-invalid": facts.problem ? "true" : null, maxlength: facts.longest || (facts.type ? null : 4000),
      on: { input: function () { facts.change(field.value); }, change: function () { (facts.left || function () {})(); } },
    }, facts.attributes));
    return h("div", { class: "govuk-form-group" + (facts.problem ? " govuk-form-group--error" : "") },
      h("label", { class: "govuk-label" + (facts.small ? "" : " govuk-label--s"), for: facts.id }, facts.label),
      facts.hint && h("div", { class: "govuk-hint", id: facts.id + "-hint" }, facts.hint),
      facts.problem && R.problem(facts.id, facts.problem), field);
  };

  R.problem = function (id, words) {
    return h("p", { class: "govuk-error-message", id: id + "-problem" },
      h("span", { class: "govuk-visually-hidden" }, "Error: "), words);
  };

  // facts: {id, legend, hint, value, choices: [[value, words, hint]], problem, small, change(value)}
  R.radios = function (facts) {
    var told = [facts.hint && facts.id + "-hint", facts.problem && facts.id + "-problem"].filter(Boolean).join(" ");
    var items = facts.choices.map(function (choice, number) {
      var id = facts.id + (number ? "-" + number : "");
      return h("div", { class: "govuk-radios__item" },
        h("input", {
          class: "govuk-radios__input", type: "radio", name: facts.id, id: id, value: choice[0],
          checked: facts.value === choice[0], "aria-describedby": choice[2] ? id + "-says" : null,
          on: { change: function () { facts.change(choice[0]); } },
        }),
        h("label", { class: "govuk-label govuk-radios__label", for: id }, choice[1]),
        choice[2] && h("div", { class: "govuk-hint govuk-radios__hint", id: id + "-says" }, choice[2]));
    });
    return h("div", { class: "govuk-form-group" + (facts.problem ? " govuk-form-group--error" : "") },
      h("fieldset", { class: "govuk-fieldset", "aria-describedby": told || null },
        h("legend", { class: "govuk-fieldset__legend" + (facts.small ? "" : " govuk-fieldset__legend--s") }, facts.legend),
        facts.hint && h("div", { class: "govuk-hint", id: facts.id + "-hint" }, facts.hint),
        facts.problem && R.problem(facts.id, facts.problem),
        h("div", { class: "govuk-radios" }, items)));
  };

  R.tick = function (facts) {
    return h("div", { class: "govuk-form-group" + (facts.problem ? " govuk-form-group--error" : "") },
      facts.problem && R.problem(facts.id, facts.problem),
      h("div", { class: "govuk-checkboxes" }, h("div", { class: "govuk-checkboxes__item" },
        h("input", {
          class: "govuk-checkboxes__input", type: "checkbox", id: facts.id, checked: facts.value,
          "aria-describedby": facts.problem ? facts.id + "-problem" : null,
          on: { change: function (event) { facts.change(event.target.checked); } },
        }),
        h("label", { class: "govuk-label govuk-checkboxes__label", for: facts.id }, facts.label))));
  };

  R.select = function (facts) {
    return h("div", { class: "govuk-form-group" },
      h("label", { class: "govuk-label", for: facts.id }, facts.label),
      h("select", { class: "govuk-select", id: facts.id, on: { change: function (event) { facts.change(event.target.value); } } },
        facts.choices.map(function (choice) {
          return h("option", { value: choice[0], selected: choice[0] === facts.value }, choice[1]);
        })));
  };
})();

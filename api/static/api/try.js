// Sends a call that only reads, and shows its answer. The key lives in its field and nowhere else: it has no name, so
// that no form carries it; it is in no address, no storage and no message; it is cleared when the page is left.
(function () {
  "use strict";

  var MOST = 200000; // characters of an answer that are shown
  var NOTED = ["content-type", "content-disposition", "etag", "last-modified", "location", "watermark", "retry-after",
    "ratelimit", "ratelimit-policy", "deprecation", "sunset", "link", "www-authenticate", "x-request-id"];

  function at(id) { return document.getElementById("try-" + id); }

  var form = at("form"), calls = JSON.parse(at("calls").textContent), call;
  if (!window.fetch || !window.AbortController) return;
  form.hidden = false;
  at("without").hidden = true;

  function made(name, attributes, content) {
    var element = document.createElement(name);
    Object.keys(attributes).forEach(function (key) { element.setAttribute(key, attributes[key]); });
    [].concat(content || []).forEach(function (part) { element.append(part); });
    return element;
  }

  calls.forEach(function (each, number) {
    at("call").append(made("option", { value: number }, each.title));
  });

  function field(parameter) {
    var id = "try-p-" + parameter.name, hint = id + "-hint", input;
    if (parameter.codes.length) {
      input = made("select", { class: "govuk-select", id: id, "aria-describedby": hint },
        [made("option", { value: "" }, "any")].concat(parameter.codes.map(function (code) {
          return made("option", { value: code }, code);
        })));
    } else {
      input = made("input", { class: "govuk-input", id: id, type: "text", spellcheck: "false", "aria-describedby": hint });
      if (parameter.name === "limit") input.value = "3";
    }
    input.dataset.name = parameter.name;
    input.dataset.in = parameter.in;
    var plain = parameter.codes.length || parameter.name === "cursor";
    var says = parameter.says + (plain ? "" : (parameter.says ? ", " : "") + "as " + parameter.example);
    return made("div", { class: "govuk-form-group" }, [
      made("label", { class: "govuk-label", for: id }, parameter.name),
      made("div", { class: "govuk-hint", id: hint }, says),
      input,
    ]);
  }

  function address() {
    var path = call.address, asked = new URLSearchParams();
    at("parameters").querySelectorAll("[data-name]").forEach(function (input) {
      var value = input.value.trim();
      if (input.dataset.in === "path") path = path.replace("{" + input.dataset.name + "}", encodeURIComponent(value || "ID"));
      else if (value) asked.append(input.dataset.name, value);
    });
    return window.location.origin + path + (asked.toString() ? "?" + asked : "");
  }

  function told() {
    at("curl").textContent = 'curl -H "Authorization: Bearer $COMMISSIONING_KEY" "' + address() + '"';
  }

  function choose() {
    call = calls[at("call").value];
    at("says").textContent = call.says;
    at("parameters").replaceChildren.apply(at("parameters"), call.parameters.map(field));
    told();
  }

  // The beginning of an answer, however long it is: {text, whole}.
  function beginning(answer) {
    if (!answer.body) return Promise.resolve({ text: "", whole: true });
    var reader = answer.body.getReader(), words = new TextDecoder(), text = "";
    function more() {
      return reader.read().then(function (part) {
        if (part.done) return { text: text, whole: true };
        text += words.decode(part.value, { stream: true });
        if (text.length <= MOST) return more();
        reader.cancel();
        return { text: text.slice(0, MOST), whole: false };
      });
    }
    return more();
  }

  function show(answer, said) {
    var next = null, text = said.text;
    if (/json/.test(answer.headers.get("content-type") || "") && said.whole && !/ndjson/.test(answer.headers.get("content-type"))) {
      try {
        var body = JSON.parse(text);
        text = JSON.stringify(body, null, 1);
        next = body.next;
      } catch (problem) { /* shown as it came */ }
    }
    at("status").textContent = answer.status + " " + answer.statusText + (said.whole ? "" : ": the first " + MOST + " characters");
    at("headers").replaceChildren.apply(at("headers"), NOTED.filter(function (name) {
      return answer.headers.has(name);
    }).map(function (name) {
      return made("div", { class: "govuk-summary-list__row" }, [
        made("dt", { class: "govuk-summary-list__key" }, name),
        made("dd", { class: "govuk-summary-list__value" }, answer.headers.get(name)),
      ]);
    }));
    at("body").textContent = text;
    at("next").hidden = !next;
    at("next").dataset.cursor = next ? new URL(next, window.location.origin).searchParams.get("cursor") || "" : "";
    at("answer").hidden = false;
  }

  function send(event) {
    if (event) event.preventDefault();
    var key = at("key").value.trim(), where = address();
    told();
    at("answer").hidden = false;
    at("status").textContent = "Asking…";
    fetch(where, {
      headers: key ? { Authorization: "Bearer " + key } : {},
      credentials: key ? "omit" : "same-origin", // a key reads as the key, whoever is signed in
      cache: "no-store", redirect: "error", referrerPolicy: "no-referrer",
    }).then(function (answer) {
      return beginning(answer).then(function (said) { show(answer, said); });
    }).catch(function () {
      at("status").textContent = "There was no answer. Check the key for characters that do not belong to it, and your connection.";
      at("headers").replaceChildren();
      at("body").textContent = "";
      at("next").hidden = true;
    });
  }

  at("next").addEventListener("click", function () {
    document.getElementById("try-p-cursor").value = at("next").dataset.cursor;
    send();
  });
  at("call").addEventListener("change", choose);
  at("parameters").addEventListener("input", told);
  form.addEventListener("submit", send);
  window.addEventListener("pagehide", function () { at("key").value = ""; });

  var first = calls.findIndex(function (each) { return each.address === "/api/v1/rates/"; });
  at("call").value = Math.max(first, 0);
  choose();
})();

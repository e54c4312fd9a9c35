// The steps of a visit: before you begin, each section, other findings, finish. One at a time.
(function () {
  "use strict";

  var R = window.VisitRecord, h = R.h;

  R.steps = function () {
    return [{ title: "Before you begin", draw: begin }]
      .concat(R.state.base.template.sections.map(function (section) {
        return { title: section.name, draw: function () { return drawSection(section); } };
      }))
      .concat([{ title: "Other findings", draw: others }, { title: "Finish and send", draw: finish }]);
  };

  function whoIsTold() {
    var told = R.state.base.told;
    var own = told.names.length ? told.names.join(", ") + " at " + told.authority
      : "the quality officers of " + told.authority + ", which has named nobody for it";
    var others = told.others.length ? ", and whoever is named by " + told.others.join(", ") + ", whose children live here too" : "";
    return h("div", { class: "app-harm" },
      h("p", { class: "govuk-body govuk-!-font-weight-bold" }, "A finding marked “Safeguarding now” reaches a person at once."),
      h("p", { class: "govuk-body" }, "It goes to " + own + others +
        ", as soon as this tablet has a connection. Their message says that there is one and where, not what you wrote. Is a child in danger now? Ring 999 first: do not wait for the tablet."));
  }

  function begin() {
    var template = R.state.base.template;
    return [
      template.says && h("p", { class: "govuk-body" }, template.says),
      h("p", { class: "govuk-body" }, "Everything works without a network. What you record is kept sealed on this tablet after each change, and goes when there is a connection."),
      whoIsTold(),
      R.text({
        id: "visited-on", label: "Day of the visit", rows: 1, type: "date", width: "govuk-input--width-10", value: R.get("visited_on") || R.today(),
        problem: R.state.refused.visited_on, attributes: { max: R.today() }, change: function (value) { R.set("visited_on", value); },
      }),
      R.text({
        id: "people-seen", label: "People seen", hint: "Roles and numbers, no names: “manager, two staff, three young people”. The provider and every borough read this.",
        value: R.get("people_seen"), problem: R.state.refused.people_seen, change: function (value) { R.set("people_seen", value); },
      }),
    ];
  }

  function drawSection(section) {
    return [h("p", { class: "app-quiet" }, "The provider reads answers and notes, and every borough once the visit is published. What is about a child goes into a finding that is not shared.")]
      .concat(section.questions.map(drawQuestion));
  }

  function drawQuestion(question) {
    var name = "answer/" + question.uuid, id = "q-" + question.uuid, answer = R.answer(question.uuid);
    var problem = R.state.refused[name];
    var words = question.label + " " + question.words;
    var hints = [
      question.guidance && h("p", {}, "Guidance the provider saw: " + question.guidance),
      question.evidence && h("p", {}, "Evidence asked for: " + question.evidence),
    ];
    function change(value) { R.setAnswer(question.uuid, "value", value); }
    var field = question.choices.length
      ? R.radios({ id: id, legend: words, hint: hints.some(Boolean) && hints, value: answer.value, choices: question.choices, problem: problem, change: change })
      : R.text({
        id: id, label: words, hint: hints.some(Boolean) && hints, value: answer.value, problem: problem, change: change, rows: question.scale === "number" ? 1 : 3,
        width: "govuk-input--width-5", attributes: question.scale === "number" ? { inputmode: "decimal" } : null,
      });
    return h("div", { class: "app-record__question" }, field,
      R.text({ id: id + "-note", label: "Note on " + question.label, small: true, rows: 2, value: answer.note, change: function (value) { R.setAnswer(question.uuid, "note", value); } }),
      R.pictures(question.uuid, "", id),
      drawFindings(question.uuid, question.label));
  }

  function drawFindings(question, label) {
    var place = h("div", { class: "app-record__findings" });
    function draw() {
      place.replaceChildren(...R.findings(question).map(function (each, number) { return drawFinding(each[0], number + 1, label, draw); }),
        R.button(label ? "Add a finding to " + label : "Add a finding", function () {
          var name = R.addFinding(question);
          draw();
          document.getElementById(name.replace("/", "-") + "-words").focus();
          R.showStatus();
        }, "secondary", { "data-finding": "" }));
    }
    draw();
    return place;
  }

  function drawFinding(name, number, label, redraw) {
    var id = name.replace("/", "-"), finding = R.get(name), stands = R.state.base.stands[name];
    var told = stands && stands.marking === "safeguarding";
    function set(part) { return function (value) { R.setFinding(name, part, value); }; }
    function urgent() { if (R.urgent().length && navigator.onLine) R.sync(); }
    return h("div", { class: "app-record__finding", role: "group", "aria-labelledby": id + "-title" },
      h("h3", { class: "govuk-heading-s", id: id + "-title" }, "Finding " + number + (label ? " on " + label : "")),
      R.text({ id: id + "-words", label: "What you found", small: true, value: finding.words, problem: R.state.refused[name], change: set("words"), left: urgent }),
      told ? h("p", { class: "app-harm" }, "Safeguarding: this was sent, and people were told of it. It stays marked so.") : R.radios({
        id: id + "-marking", legend: "Who may read it", small: true, value: finding.marking, choices: R.state.base.markings,
        change: function (value) { set("marking")(value); redraw(); document.querySelector("input[name='" + id + "-marking']:checked").focus(); urgent(); },
      }),
      !told && finding.marking === "safeguarding" && whoIsTold(),
      finding.marking !== "shareable" && R.select({
        id: id + "-about", label: "Whose child is it about?", value: finding.about, choices: [["", R.state.base.told.authority + ", or no single child"]].concat(R.state.base.authorities), change: set("about"),
      }),
      finding.marking === "shareable" && R.tick({ id: id + "-action", label: "It asks for an action: the provider’s plan must answer it", value: finding.asks_action, change: set("asks_action") }),
      R.pictures(finding.question, name.split("/")[1], id),
      !told && R.button("Remove this finding", function () {
        R.removeFinding(name);
        var after = document.querySelector("#" + CSS.escape(id + "-words")).closest(".app-record__findings");
        redraw();
        after.querySelector("[data-finding]").focus();
        R.showStatus();
      }, "secondary"));
  }

  function others() {
    return [h("p", { class: "govuk-body" }, "What belongs to no question: seen on the way, said at the door, or about the place as a whole."), drawFindings("", "")];
  }

  function unanswered() {
    return R.questions().filter(function (each) { return !R.answer(each.uuid).value; });
  }

  function finish() {
    var left = unanswered(), sections = R.state.base.template.sections, signed = R.get("signed") || { name: "" };
    return [
      left.length
        ? h("div", { class: "govuk-inset-text" }, R.count(left.length, "question has", "questions have") + " no answer yet: ",
          sections.map(function (section, number) {
            var here = section.questions.filter(function (each) { return left.indexOf(each) >= 0; });
            return here.length ? h("button", { type: "button", class: "app-record__link", on: { click: function () { R.go(number + 1); } } },
              section.name + " (" + here.length + ")") : null;
          }).filter(Boolean).flatMap(function (each, number) { return number ? [", ", each] : [each]; }))
        : h("p", { class: "govuk-body" }, "Every question has an answer."),
      R.text({ id: "summary", label: "Summary", rows: 5, hint: "The provider and every borough read this. Write nothing about a child.", value: R.get("summary"), problem: R.state.refused.summary, change: function (value) { R.set("summary", value); } }),
      R.text({
        id: "signed", label: "Signed by", rows: 1, hint: "The name of whoever made the visit. A drawn signature can stand beside it.", value: signed.name, problem: R.state.refused.signed,
        longest: 200, change: function (value) { R.set("signed", value ? { name: value, at: new Date().toISOString() } : null); },
      }),
      R.signature(),
      h("div", { class: "app-record__send" }, h("p", { class: "govuk-body", id: "waits" }), R.button("Send now", function () { R.sync(); }, "", { id: "send" })),
    ];
  }
})();

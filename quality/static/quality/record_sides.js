// Changed meanwhile: what this tablet holds beside what stands, and the officer's choice. Nothing is overwritten here
// or there before it.
(function () {
  "use strict";

  var R = window.VisitRecord, h = R.h;

  function column(title, lines, act, words, id) {
    return h("div", { class: "app-record__side" },
      h("h3", { class: "govuk-heading-s", id: id }, title),
      lines.map(function (line) { return h("p", { class: "govuk-body" }, line); }),
      act && R.button(words, act, "secondary", { "aria-describedby": id.replace(/-(mine|theirs)$/, "-name") }));
  }

  function both(name, id, mine, theirs, quiet) {
    var look = quiet ? "govuk-visually-hidden" : "govuk-body govuk-!-font-weight-bold";
    return h("div", { class: "app-record__both" }, h("p", { class: look, id: id + "-name" }, name),
      h("div", { class: "app-record__sides" }, mine, theirs));
  }

  function choose(side, mine) {
    var state = R.state;
    if (state.sides.indexOf(side) < 0) return;  // chosen already
    state.sides = state.sides.filter(function (each) { return each !== side; });
    if (side.stands === null) delete state.base.stands[side.item];
    else state.base.stands[side.item] = side.stands;
    if (!mine || R.same(state.mine[side.item], side.stands)) delete state.mine[side.item];
    R.settled(state.sides.length);
  }

  function panelOfSides() {
    var state = R.state;
    var names = Array.from(new Set(state.sides.flatMap(function (each) {
      return each.others.map(function (other) { return other.name + " at " + R.clock(other.at); });
    }))).slice(0, 1);
    return h("section", { class: "app-needs app-record__panel", "aria-labelledby": "sides-title" },
      h("h2", { class: "govuk-heading-m", id: "sides-title", tabindex: "-1" },
        "Recorded twice: choose for " + R.count(state.sides.length, "entry", "entries")),
      h("p", { class: "govuk-body" }, "Another device sent something else for these",
        names.length ? " (last: " + names[0] + ")" : "", ". Both are kept until you have chosen."),
      state.sides.map(function (side, number) {
        var id = "side-" + number;
        return both(R.nameOf(side.item), id,
          column("On this tablet", R.contentOf(side.item, R.get(side.item)), function () { choose(side, true); },
            "Keep this tablet’s", id + "-mine"),
          column("As it stands", R.contentOf(side.item, side.stands), function () { choose(side, false); },
            "Keep what stands", id + "-theirs"));
      }));
  }

  var TITLES = {
    with_provider: "The visit was sent to the provider meanwhile",
    published: "The visit was published meanwhile",
    cancelled: "The visit was called off meanwhile",
    moved: "The visit was moved meanwhile",
    template: "Other questions are asked meanwhile",
  };

  function wordsOf(change) {
    if (change.what === "moved") return ["Planned for " + R.day(change.mine), "Planned for " + R.day(change.stands)];
    if (change.what === "template") {
      var template = R.state.newTemplate;
      return ["Recorded by “" + R.state.base.template.name + "”, version " + R.state.base.template.number,
        template ? "Asked by “" + template.name + "”, version " + template.number : "Asked by another template"];
    }
    var mine = { planned: "Planned, and recorded here", draft: "A draft, with more recorded here" };
    var theirs = {
      with_provider: "With the provider: nothing is added any more", published: "Published: nothing is added any more",
      cancelled: "Called off" + (change.why ? ": " + change.why : ""),
    };
    return [mine[change.mine] || "Recorded here", theirs[change.what]];
  }

  function accept(change) {
    var state = R.state;
    if (change.what === "moved") state.saw.planned_on = change.stands;
    if (change.what === "cancelled") state.saw.state = "cancelled";
    if (change.what === "template" && state.newTemplate) carryOver(state.newTemplate);
    state.changed = state.changed.filter(function (each) { return each !== change; });
    R.settled(state.changed.length);
  }

  // Answers go over to the question that asks the same; those without one are shown, and chosen for one by one.
  function carryOver(template) {
    var state = R.state, old = R.questions(), now = R.questions(template), goes = {};
    old.forEach(function (each) {
      var match = now.find(function (other) { return other.words === each.words && other.scale === each.scale; });
      goes[each.uuid] = match ? match.uuid : "";
    });
    state.orphans = [];
    Object.keys(state.mine).forEach(function (name) {
      var parts = name.split("/"), content = state.mine[name];
      if (parts[0] === "finding" && content) content.question = goes[content.question] || "";
      if (parts[0] !== "answer" || !(parts[1] in goes)) return;
      delete state.mine[name];
      delete state.refused[name];
      var target = "answer/" + goes[parts[1]], stands = state.base.stands[target] || null;
      if (!goes[parts[1]]) state.orphans.push({ name: R.nameOf(name), lines: R.contentOf(name, content) });
      else if (!R.same(content, stands)) {
        state.mine[target] = content;
        if (stands) state.sides.push({ item: target, mine: content, stands: stands, others: [] });
      }
    });
    state.pictures.forEach(function (each) { each.question = goes[each.question] || ""; });
    state.base.template = template;
    state.newTemplate = null;
    state.saw.template = template.uuid;
    state.step = 0;
  }

  function leaveOut() {
    var state = R.state;
    var count = R.pending();
    if (!window.confirm("Leave out " + R.count(count, "entry", "entries") + " that this tablet holds? They are deleted here.")) return;
    state.mine = {};
    state.refused = {};
    state.sides = [];
    state.changed = [];
    state.outbox = null;
    R.unsentPictures().forEach(R.dropPicture);
    R.settled(0);
  }

  function panelOfChanges() {
    var state = R.state;
    return h("section", { class: "app-needs app-record__panel", "aria-labelledby": "changed-title" },
      h("h2", { class: "govuk-heading-m", id: "changed-title", tabindex: "-1" }, TITLES[state.changed[0].what]),
      h("p", { class: "govuk-body" }, "Nothing that you recorded is lost, and nothing was sent yet but safeguarding findings. Choose what becomes of it."),
      state.changed.map(function (change, number) {
        var words = wordsOf(change), id = "change-" + number;
        var closed = change.what === "with_provider" || change.what === "published";
        var keep = { moved: "The visit took place: keep mine", cancelled: "The visit took place: keep mine", template: "Go on with the new questions" };
        return both(TITLES[change.what], id,
          column("On this tablet", [words[0], R.pendingWords() || "Nothing waits"], closed ? null : function () { accept(change); },
            keep[change.what], id + "-mine"),
          column("As it stands", [words[1]], leaveOut, "Leave out what this tablet holds", id + "-theirs"),
          state.changed.length === 1);
      }),
      h("details", { class: "govuk-details" },
        h("summary", { class: "govuk-details__summary" }, h("span", { class: "govuk-details__summary-text" }, "What this tablet holds")),
        h("div", { class: "govuk-details__text" }, Object.keys(state.mine).map(function (name) {
          return h("p", { class: "govuk-body" }, h("strong", {}, R.nameOf(name)), ": ", R.contentOf(name, state.mine[name]).join(". "));
        }))));
  }

  function panelOfOrphans() {
    var state = R.state;
    function done(orphan, put) {
      state.orphans = state.orphans.filter(function (each) { return each !== orphan; });
      if (put) R.set("summary", [R.get("summary"), orphan.name + " " + orphan.lines.join(". ")].filter(Boolean).join("\n"));
      R.settled(state.orphans.length);
    }
    return h("section", { class: "app-needs app-record__panel", "aria-labelledby": "orphans-title" },
      h("h2", { class: "govuk-heading-m", id: "orphans-title", tabindex: "-1" }, "Answered, and no longer asked"),
      state.orphans.map(function (orphan, number) {
        return both(orphan.name, "orphan-" + number,
          column("On this tablet", orphan.lines, function () { done(orphan, true); }, "Put it in the summary", "orphan-" + number + "-mine"),
          column("As it stands", ["Not asked"], function () { done(orphan, false); }, "Leave it out", "orphan-" + number + "-theirs"));
      }));
  }

  R.panels = function () {
    var state = R.state;
    return [
      state.changed.length ? panelOfChanges() : null,
      state.sides.length ? panelOfSides() : null,
      (state.orphans || []).length ? panelOfOrphans() : null,
    ];
  };
})();

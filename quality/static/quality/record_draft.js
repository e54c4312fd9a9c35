// The visit as this device holds it: what stands, what is the officer's own and not sent, and its sealed copy on the
// device after every change. Items are named as the server names them (rules/drafts.py).
(function () {
  "use strict";

  var R = window.VisitRecord;
  var CLOCKS = { answered_at: 1, found_at: 1, at: 1 };

  // state: base (what the server told), saw, mine {item: content or null}, outbox, sides, changed, refused, pictures,
  // step, savedAt, sentAt, device
  R.state = null;
  R.holder = null;

  function bare(content) {
    if (content === null || content === undefined || content === "") return null;
    if (typeof content !== "object") return content;
    var kept = Object.keys(content).sort().filter(function (name) { return !CLOCKS[name]; })
      .map(function (name) { return [name, content[name]]; });
    return kept.some(function (each) { return each[1]; }) ? JSON.stringify(kept) : null;
  }
  R.same = function (one, other) { return bare(one) === bare(other); };
  R.exactly = function (one, other) { return JSON.stringify(one) === JSON.stringify(other); };

  R.begin = function (base) {
    R.state = {
      base: base, saw: R.seen(base), mine: {}, outbox: null, sides: [], changed: [], refused: {}, pictures: [],
      step: 0, savedAt: null, sentAt: null, device: device(),
    };
  };

  R.seen = function (base) {
    return { template: base.template.uuid, state: base.visit.state, planned_on: base.visit.planned_on };
  };

  function device() {
    var known = localStorage.getItem("this-device");
    if (!known) localStorage.setItem("this-device", (known = R.uuid()));
    return known;
  }

  R.get = function (name) {
    return name in R.state.mine ? R.state.mine[name] : R.state.base.stands[name] || null;
  };

  R.set = function (name, content) {
    var state = R.state;
    if (R.same(content, state.base.stands[name])) delete state.mine[name];
    else state.mine[name] = bare(content) === null ? null : content;
    delete state.refused[name];
    if (name !== "visited_on" && !R.get("visited_on") && name in state.mine) state.mine.visited_on = R.today();
    R.save();
  };

  R.answer = function (question) {
    return R.get("answer/" + question) || { value: "", note: "", answered_at: "" };
  };

  R.setAnswer = function (question, part, value) {
    var content = Object.assign({}, R.answer(question), { answered_at: new Date().toISOString() });
    content[part] = value;
    R.set("answer/" + question, content);
  };

  // [[name, finding]] of a question, or of none, oldest first.
  R.findings = function (question) {
    var names = new Set(Object.keys(R.state.base.stands).concat(Object.keys(R.state.mine)));
    return Array.from(names).filter(function (name) { return name.startsWith("finding/") && R.get(name); })
      .map(function (name) { return [name, R.get(name)]; })
      .filter(function (each) { return question === null || each[1].question === question; })
      .sort(function (one, other) { return Date.parse(one[1].found_at) - Date.parse(other[1].found_at); });
  };

  R.addFinding = function (question) {
    var name = "finding/" + R.uuid();
    R.set(name, {
      question: question, words: "", marking: "shareable", about: "", asks_action: false,
      found_at: new Date().toISOString(),
    });
    return name;
  };

  R.removeFinding = function (name) {
    if (R.state.base.stands[name]) R.set(name, null);
    else { delete R.state.mine[name]; R.save(); }
    var key = name.split("/")[1];
    R.state.pictures.filter(function (each) { return each.finding === key && !each.sent; }).forEach(R.dropPicture);
  };

  R.setFinding = function (name, part, value) {
    var content = Object.assign({}, R.get(name));
    content[part] = value;
    if (part === "marking" && value === "shareable") content.about = "";
    if (part === "marking" && value !== "shareable") content.asks_action = false;
    R.set(name, content);
  };

  R.urgent = function () {
    return R.findings(null).filter(function (each) {
      var stands = R.state.base.stands[each[0]];
      return each[0] in R.state.mine && !(each[0] in R.state.refused) && each[1].marking === "safeguarding" && each[1].words.trim() &&
        !(stands && stands.marking === "safeguarding");
    });
  };

  R.unsentPictures = function () { return R.state.pictures.filter(function (each) { return !each.sent; }); };
  R.pending = function () { return Object.keys(R.state.mine).length + R.unsentPictures().length; };

  R.pendingWords = function () {
    var kinds = { answer: 0, finding: 0, other: 0 };
    Object.keys(R.state.mine).forEach(function (name) {
      var kind = name.split("/")[0];
      kinds[kind in kinds ? kind : "other"] += 1;
    });
    var pictures = R.unsentPictures();
    var signatures = pictures.filter(function (each) { return each.kind === "signature"; }).length;
    return [
      kinds.answer && R.count(kinds.answer, "answer", "answers"),
      kinds.finding && R.count(kinds.finding, "finding", "findings"),
      pictures.length - signatures && R.count(pictures.length - signatures, "photograph", "photographs"),
      signatures && "the signature",
      kinds.other && R.count(kinds.other, "other entry", "other entries"),
    ].filter(Boolean).join(", ");
  };

  // Every change is written; while one writing goes on, the next waits and takes the newest.
  var writing = null, again = false;
  R.save = function () {
    if (writing) { again = true; return writing; }
    writing = (async function () {
      do {
        again = false;
        R.state.savedAt = new Date().toISOString();
        try {
          await AppDevice.write(R.holder, "draft", R.state);
          await AppDevice.note(R.holder, R.pending());
          R.unkept = false;
        } catch (problem) {
          R.unkept = true;
        }
      } while (again);
      writing = null;
      R.onSaved();
    })();
    return writing;
  };
  R.onSaved = function () {};

  R.keepPicture = async function (facts, bytes) {
    await AppDevice.writeBytes(R.holder, "picture/" + facts.device_key, bytes);
    R.state.pictures.push(Object.assign({ sent: false, problem: "" }, facts));
    if (!R.get("visited_on")) R.state.mine.visited_on = R.today();
    await R.save();
  };

  R.dropPicture = async function (picture) {
    R.state.pictures = R.state.pictures.filter(function (each) { return each !== picture; });
    await AppDevice.remove(R.holder, "picture/" + picture.device_key);
    await R.save();
  };

  R.picturesOf = function (question, finding) {
    var here = R.state.pictures.filter(function (each) {
      return each.kind !== "signature" && each.question === question && each.finding === finding;
    });
    var keys = R.state.pictures.map(function (each) { return each.device_key; });
    return here.concat(R.state.base.files.filter(function (each) {
      return each.kind !== "signature" && each.question === question && each.finding === finding &&
        keys.indexOf(each.device_key) < 0;
    }).map(function (each) { return Object.assign({ sent: true }, each); }));
  };

  R.questions = function (template) {
    return (template || R.state.base.template).sections.flatMap(function (section) { return section.questions; });
  };

  // An item's name and content in words, for both sides.
  R.nameOf = function (name, template) {
    var parts = name.split("/");
    var fixed = { visited_on: "Day of the visit", summary: "Summary", people_seen: "People seen", signed: "Signature" };
    if (parts[0] === "finding") return "A finding";
    if (parts[0] !== "answer") return fixed[name] || name;
    var question = R.questions(template).find(function (each) { return each.uuid === parts[1]; });
    return question ? question.label + " " + question.words : "A question that is no longer asked";
  };

  R.contentOf = function (name, content, template) {
    if (bare(content) === null) return ["Nothing"];
    var parts = name.split("/");
    if (name === "visited_on") return [R.day(content)];
    if (name === "signed") return [content.name];
    if (parts[0] === "answer") {
      var question = R.questions(template).find(function (each) { return each.uuid === parts[1]; });
      var choice = question && question.choices.find(function (each) { return each[0] === content.value; });
      return [choice ? choice[1] : content.value || "No answer", content.note && "Note: " + content.note].filter(Boolean);
    }
    if (parts[0] === "finding") {
      var marking = R.state.base.markings.find(function (each) { return each[0] === content.marking; });
      return [content.words, marking ? marking[1] : "", content.asks_action ? "Asks for an action" : ""].filter(Boolean);
    }
    return [content];
  };
})();

// Sending: once, by a key that the device keeps until the answer came, so that nothing comes in twice. An answer that
// is lost is asked for again by the same key. Items first, then pictures one by one.
(function () {
  "use strict";

  var R = window.VisitRecord;
  var NO_CONNECTION = "No connection. Everything is kept on this tablet and goes when there is one.";
  var NOT_TAKEN = "This was not taken. Everything is kept on this tablet, and is tried again in a minute.";
  R.network = { busy: false, says: "", signIn: false };

  R.address = function (what) { return "/visits/" + R.visit + "/record/" + (what || ""); };

  // What stands, or why it cannot be had: {data}, {signIn: true}, {gone: true}, {offline: true}.
  R.fetchData = async function () {
    var answer;
    try {
      answer = await fetch(R.address("data"), { redirect: "manual", cache: "no-store" });
    } catch (problem) {
      return { offline: true };
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) return { signIn: true };
    if (answer.status === 403 || answer.status === 404) return { gone: true };
    if (!answer.ok) return { offline: true };
    return { data: await answer.json() };
  };

  async function post(what, token, body) {
    var headers = { "X-CSRFToken": token };
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    var answer = await fetch(R.address(what), { method: "POST", body: body, headers: headers, redirect: "manual" });
    if (answer.type === "opaqueredirect") return { signIn: true };
    if (answer.status >= 500 || answer.status === 403 || answer.status === 429) throw new Error(NOT_TAKEN);
    var told = await answer.json().catch(function () { return { problem: "The answer could not be read." }; });
    return answer.ok ? { told: told } : { problem: told.problem || "This was not taken." };
  }

  // What the server told lately becomes what the device knows, save where the officer's own waits to be sent.
  R.learn = function (data) {
    var state = R.state, before = state.base.stands;
    var waiting = Object.keys(state.mine).length > 0;
    var stands = Object.assign({}, data.stands);
    Object.keys(state.mine).forEach(function (name) {
      if (name in before) stands[name] = before[name];
      else delete stands[name];
    });
    var template = waiting && data.template.uuid !== state.saw.template ? state.base.template : data.template;
    state.newTemplate = template === data.template ? null : data.template;
    state.base = Object.assign({}, data, { stands: stands, template: template, key: undefined, token: undefined });
    if (!waiting) state.saw = R.seen(data);
  };

  R.sync = async function () {
    if (R.network.busy) return;
    R.network = { busy: true, says: "Connecting", signIn: false };
    R.onNetwork();
    var says = "", failed = false;
    try {
      says = await sending();
    } catch (problem) {
      failed = true;
      says = problem.message === NOT_TAKEN ? NOT_TAKEN : NO_CONNECTION;
    }
    R.network.busy = false;
    R.network.says = says;
    await R.save();
    R.onNetwork();
    if (!failed && !R.network.signIn && says !== NO_CONNECTION && willing() && R.urgent().length) R.sync();
  };

  // What came up while there was no connection that works, though the device believed in one.
  setInterval(function () {
    if (!R.state || R.network.busy || R.network.signIn || !navigator.onLine) return;
    if (R.state.outbox || willing() || R.unsentPictures().some(function (each) { return !each.problem && mayGo(each); })) R.sync();
  }, 60000);

  async function sending() {
    var got = await R.fetchData();
    if (got.offline) return NO_CONNECTION;
    if (got.signIn) return signedOut();
    if (got.gone) return "You may no longer record this visit. What you recorded is still kept on this tablet.";
    if (got.data.owner !== R.holder.owner) return "Somebody else is signed in on this tablet now: sign in as yourself.";
    R.holder = await AppDevice.hold(got.data.owner, R.visit, got.data.key);
    R.learn(got.data);
    if (R.state.outbox && !(await deliver(got.data.token))) return R.network.says;
    for (var turn = 0; willing() && turn < 5; turn += 1) {
      R.state.outbox = letter();
      await R.save();
      if (!(await deliver(got.data.token))) return R.network.says;
    }
    if (!(await sendPictures(got.data.token))) return R.network.says;
    return R.pending() ? waitingWords() : sentWords();
  }

  function signedOut() {
    R.network.signIn = true;
    return "You have been signed out. Everything is kept on this tablet: sign in again, and it is sent.";
  }

  function sentWords() {
    if (R.state.sentAt) return "Everything was sent at " + R.clock(R.state.sentAt) + ".";
    return "";
  }

  function waitingWords() {
    if (R.state.changed.length || R.state.sides.length) return "Some of this waits for you to choose: see below.";
    return "Not everything was taken: see what is marked below.";
  }

  function items() {
    var state = R.state, wanted = {};
    var asked = state.sides.map(function (each) { return each.item; });
    Object.keys(state.mine).forEach(function (name) {
      if (asked.indexOf(name) >= 0 || name in state.refused) return;
      if ((state.changed.length || "visited_on" in state.refused) && !R.urgent().some(function (each) { return each[0] === name; })) return;
      var mine = state.mine[name];
      if (name.startsWith("finding/") && mine && !mine.words.trim()) return;
      wanted[name] = { mine: mine, was: state.base.stands[name] || null };
    });
    return wanted;
  }

  // Whether anything is left that the server has not judged yet.
  function willing() { return Object.keys(items()).length > 0; }

  function letter() {
    var key = R.uuid();
    var told = { key: key, device: R.state.device, saw: R.state.saw, items: items() };
    return { key: key, body: JSON.stringify(told) };
  }

  async function deliver(token) {
    R.network.says = "Sending";
    R.onNetwork();
    var sent = JSON.parse(R.state.outbox.body).items;
    var got = await post("sync", token, R.state.outbox.body);
    if (got.signIn) { R.network.says = signedOut(); return false; }
    R.state.outbox = null;
    if (got.problem) { R.network.says = got.problem; return false; }
    take(got.told, sent);
    await R.save();
    return true;
  }

  function take(told, sent) {
    var state = R.state;
    told.saved.forEach(function (name) {
      if (sent[name].mine === null) delete state.base.stands[name];
      else state.base.stands[name] = sent[name].mine;
      if (R.exactly(state.mine[name], sent[name].mine)) delete state.mine[name];
    });
    told.refused.forEach(function (each) { if (each.item in state.mine) state.refused[each.item] = each.why; });
    var fresh = told.sides.map(function (each) { return each.item; });
    state.sides = state.sides.filter(function (each) { return fresh.indexOf(each.item) < 0; }).concat(
      told.sides.map(function (each) { return Object.assign({ others: told.others }, each); }));
    state.changed = told.changed;
    state.base.visit.state = told.state;
    if (!told.changed.length) state.saw.state = told.state;
    if (told.saved.length) state.sentAt = new Date().toISOString();
    if (told.told) R.toldAt = new Date().toISOString();
  }

  async function sendPictures(token) {
    var waiting = R.unsentPictures().filter(function (each) { return !each.problem && mayGo(each); });
    for (var number = 0; number < waiting.length; number += 1) {
      var picture = waiting[number];
      if (R.urgent().length && willing()) {  // it does not wait behind pictures
        R.state.outbox = letter();
        await R.save();
        if (!(await deliver(token))) return false;
      }
      R.network.says = "Sending photograph " + (number + 1) + " of " + waiting.length;
      R.onNetwork();
      var bytes = await AppDevice.readBytes(R.holder, "picture/" + picture.device_key);
      if (bytes === null) { picture.problem = "This was lost on the tablet. Take it again."; continue; }
      var form = new FormData();
      ["device_key", "kind", "question", "finding", "caption"].forEach(function (name) {
        form.append(name, picture[name] || "");
      });
      form.append("consent", picture.consent ? "yes" : "");
      form.append("redacted", picture.redacted ? "yes" : "");
      form.append("file", new Blob([bytes], { type: picture.type }), picture.name);
      var got = await post("file", token, form);
      if (got.signIn) { R.network.says = signedOut(); return false; }
      if (got.problem) { picture.problem = got.problem; continue; }
      picture.sent = true;
      R.state.sentAt = new Date().toISOString();
      await R.save();
      await AppDevice.remove(R.holder, "picture/" + picture.device_key);
    }
    return true;
  }

  // A picture of a finding waits for it: alone it would belong to nobody, and be shared.
  function mayGo(picture) {
    var finding = picture.finding && R.state.base.stands["finding/" + picture.finding];
    if (R.state.changed.length) return Boolean(finding) && finding.marking === "safeguarding";
    return !picture.finding || Boolean(finding);
  }

  R.onNetwork = function () {};
})();

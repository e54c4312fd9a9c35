// Opens the visit of this address, or the list of visits that this tablet keeps; moves between steps; says what is
// kept, what waits, and what the network does.
(function () {
  "use strict";

  var R = window.VisitRecord, h = R.h;
  var main = document.getElementById("main-content");
  var uuid = (window.location.pathname.match(/^\/visits\/([0-9a-f-]{36})\/record\/$/) || [])[1];
  var status = null, live = null;
  document.body.classList.add("js-enabled", "govuk-frontend-supported");

  if ("serviceWorker" in navigator) navigator.serviceWorker.register(document.body.dataset.worker, { scope: "/visits/" }).catch(function () {});
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();

  function says(title, paragraphs, more) {
    document.title = title;
    main.replaceChildren(h("h1", { class: "govuk-heading-l" }, title),
      ...paragraphs.map(function (words) { return h("p", { class: "govuk-body" }, words); }), ...(more || []));
  }

  function signInLink() {
    return h("a", { class: "govuk-button", href: "/accounts/login/?next=" + encodeURIComponent(window.location.pathname) }, "Sign in");
  }

  async function list() {
    var notes = await AppDevice.notes(), rows = [];
    for (var holder of await AppDevice.holders()) {
      var draft = await AppDevice.read(holder, "draft").catch(function () { return null; });
      var note = notes.find(function (each) { return each.id === holder.id; });
      if (draft) rows.push(h("li", {}, h("a", { class: "govuk-link", href: "/visits/" + holder.about + "/record/" },
        draft.base.visit.place + ", " + draft.base.visit.kind.toLowerCase()), ": ",
        note && note.pending ? R.count(note.pending, "entry", "entries") + " not sent yet" : "everything sent"));
    }
    var sealed = notes.length - rows.length;
    says("Visits on this tablet", [
      rows.length ? "These open without a network." : "No visit is kept on this tablet. Open one while there is a network, and it is kept here from then on.",
    ].concat(sealed > 0 ? [R.count(sealed, "more visit is", "more visits are") + " kept sealed: sign in, and open it, to go on."] : []),
    [rows.length ? h("ul", { class: "govuk-list govuk-list--bullet" }, rows) : "", h("p", { class: "govuk-body" }, h("a", { class: "govuk-link", href: "/visits/" }, "All visits"))]);
  }

  async function start() {
    R.visit = uuid;
    var free = !navigator.locks || await new Promise(function (tell) {
      navigator.locks.request("visit-" + uuid, { ifAvailable: true }, function (lock) {
        tell(Boolean(lock));
        return lock ? new Promise(function () {}) : null;
      });
    });
    if (!free) {
      says("This visit is open in another tab", ["Go on there, or close that tab and open this one again: two at once would write over each other."]);
      return;
    }
    var got = await R.fetchData();
    if (got.gone) {
      var former = await AppDevice.holderOf(uuid);
      if (former) await AppDevice.forgetKey(former);
      says("This visit is not yours to record", ["It belongs to another authority, or your role does not record visits. What was recorded before stays sealed."]);
      return;
    }
    R.holder = got.data ? await AppDevice.hold(got.data.owner, uuid, got.data.key) : await AppDevice.holderOf(uuid);
    if (!R.holder) {
      if (got.signIn) says("Sign in to go on", ["What this tablet keeps of the visit is sealed, and opens when you have signed in."], [signInLink()]);
      else says("This visit is not on this tablet", ["There is no network, and the visit was not opened here in the last day. Find a network and open it again: what was recorded here before is still kept, sealed."]);
      return;
    }
    try {
      R.state = await AppDevice.read(R.holder, "draft");
    } catch (problem) {
      says("What was recorded here cannot be opened", ["It is still on this tablet, sealed by a key that is no longer given out. Do not sign out; ask whoever runs the platform."]);
      return;
    }
    if (R.state && got.data) R.learn(got.data);
    if (!R.state) R.begin(Object.assign({}, got.data, { key: undefined, token: undefined }));
    R.network.signIn = Boolean(got.signIn);
    if (got.signIn) R.network.says = "You have been signed out. Everything is kept on this tablet: sign in again, and it is sent.";
    await R.save();
    draw(false);
    if (got.data && (R.pending() || R.state.outbox)) R.sync();
  }

  function draw(focus) {
    owed = false;
    var steps = R.steps(), state = R.state, visit = state.base.visit;
    var number = Math.min(state.step, steps.length - 1), step = steps[number];
    document.title = step.title + ": " + visit.place;
    status = h("p", { class: "app-record__saved" });
    live = h("div", { class: "app-record__network", role: "status" });
    var title = h("h2", { class: "govuk-heading-m", tabindex: "-1", id: "step-title" }, step.title);
    main.replaceChildren(
      h("h1", { class: "govuk-heading-l" }, visit.place + ": " + visit.kind.toLowerCase()),
      h("p", { class: "app-quiet" }, visit.home + ". Planned for " + visit.planned_words + ", " + (visit.announced ? "announced" : "unannounced") + ". This is not a regulation 44 visit."),
      h("div", { class: "app-record__bar" },
        h("p", { class: "app-record__where" }, "Section " + (number + 1) + " of " + steps.length),
        h("progress", { class: "app-progress", max: steps.length, value: number + 1, "aria-label": "Section " + (number + 1) + " of " + steps.length }),
        status, live),
      ...R.panels().filter(Boolean), title, h("div", { id: "step" }, step.draw()),
      h("div", { class: "govuk-button-group app-record__go" },
        number > 0 && R.button("Back", function () { R.go(number - 1); }, "secondary"),
        number < steps.length - 1 && R.button("Next", function () { R.go(number + 1); })));
    R.showStatus();
    R.onNetwork();
    if (focus) { window.scrollTo(0, 0); title.focus(); }
  }

  R.go = function (number) {
    R.state.step = number;
    R.save();
    draw(true);
    if (navigator.onLine && R.urgent().length) R.sync();
  };

  R.showStatus = function () {
    if (!status) return;
    var waits = R.pendingWords();
    status.textContent = R.unkept ? "This tablet cannot keep anything more: free some room, and stay on this page."
      : (R.state.savedAt ? "Saved on this tablet " + R.clock(R.state.savedAt) + ". " : "") + (waits ? "Not sent yet: " + waits + "." : "Nothing waits to be sent.");
    status.classList.toggle("app-harm", Boolean(R.unkept));
    var below = document.getElementById("waits");
    if (below) below.replaceChildren(...(waits ? ["Waits to be sent: " + waits + "."] : ["Everything is sent. ",
      h("a", { class: "govuk-link", href: "/visits/" + R.visit + "/" }, "Read the draft"), ", and send it to the provider from there."]));
    var send = document.getElementById("send");
    if (send) send.disabled = R.network.busy;
  };
  R.onSaved = R.showStatus;

  var drawn = "";
  R.onNetwork = function () {
    if (!live) return;
    live.replaceChildren(...[R.network.says, R.network.signIn && signInLink()].filter(Boolean));
    R.showStatus();
    // After a sending that left something to choose, or that was refused, the step is drawn anew to show it.
    var left = JSON.stringify([R.state.sides, R.state.changed, R.state.refused, R.toldAt]);
    if (R.network.busy || left === drawn) return;
    var first = drawn === "";
    drawn = left;
    if (first && left === JSON.stringify([[], [], {}, undefined])) return;
    redrawLater();
  };

  // A button that is replaced between a finger's down and its click never hears the tap: what comes from the network is
  // drawn after the click, or when none came.
  var pressed = null, owed = false, NO_CLICK = 400, HELD = 10000;
  function release(soon) {
    clearTimeout(pressed);
    pressed = setTimeout(function () { pressed = null; if (owed) redraw(); }, soon);
  }
  function on(name, act) { document.addEventListener(name, act, true); }
  on("pointerdown", function (event) { if (event.button === 0) release(HELD); });
  on("pointerup", function () { if (pressed) release(NO_CLICK); });
  on("click", function () { if (pressed) release(0); });
  ["pointercancel", "contextmenu", "keydown"].forEach(function (name) { on(name, function () { if (pressed) release(0); }); });

  function redrawLater() {
    owed = true;
    if (!pressed) redraw();
  }

  function redraw() {
    var focused = document.activeElement && document.activeElement.id;
    draw(false);
    var panel = main.querySelector(".app-record__panel h2");
    var again = focused && document.getElementById(focused);
    if (panel) panel.focus();
    else if (again) again.focus();
  }

  // A choice was made; with none left, what was kept of this tablet's goes at once.
  R.settled = function (left) {
    R.save();
    drawn = JSON.stringify([R.state.sides, R.state.changed, R.state.refused, R.toldAt]);
    redraw();
    if (!main.querySelector(".app-record__panel")) document.getElementById("step-title").focus();
    if (!left && navigator.onLine) R.sync();
  };

  window.addEventListener("online", function () {
    if (!R.state) return;
    if (R.pending() || R.state.outbox) { R.sync(); return; }
    R.network.says = "";
    R.onNetwork();
  });
  window.addEventListener("offline", function () {
    if (!R.state) return;
    R.network.says = "No network. Go on: everything is kept on this tablet.";
    R.onNetwork();
  });

  if (uuid) start();
  else list();
})();

// What a page keeps on this device for the person who is signed in. Everything is sealed (AES-GCM) by a key that the
// server tells that person alone, the same at each sign-in. The device holds the key, where no script can read it out,
// for a day after it last heard from the server; signing out destroys the key and what it sealed.
(function () {
  "use strict";

  var NAME = "kept-on-device";
  var KEPT_FOR = 24 * 3600 * 1000;
  var opened = null;

  function database() {
    opened = opened || new Promise(function (done, fail) {
      var asked = indexedDB.open(NAME, 1);
      asked.onupgradeneeded = function () {
        asked.result.createObjectStore("keys", { keyPath: "id" });
        asked.result.createObjectStore("sealed", { keyPath: "id" });
        asked.result.createObjectStore("notes", { keyPath: "id" });
      };
      asked.onsuccess = function () { done(asked.result); };
      asked.onerror = function () { fail(asked.error); };
    });
    return opened;
  }

  // Runs work(stores) in one transaction that is on the disk when the promise is kept.
  async function within(names, mode, work) {
    var base = await database();
    return new Promise(function (done, fail) {
      var transaction = base.transaction(names, mode, mode === "readwrite" ? { durability: "strict" } : {});
      var asked = work.apply(null, names.map(function (name) { return transaction.objectStore(name); }));
      transaction.oncomplete = function () { done(asked && asked.result); };
      transaction.onerror = transaction.onabort = function () { fail(transaction.error); };
    });
  }

  function all(name) { return within([name], "readonly", function (store) { return store.getAll(); }); }
  function bound(holder, name) { return new TextEncoder().encode(holder.id + "/" + name); }

  // The holder of what is kept about something; the keys of everybody else go: they are not signed in any more.
  async function hold(owner, about, told) {
    var raw = Uint8Array.from(atob(told), function (letter) { return letter.charCodeAt(0); });
    var key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    var holder = { id: owner + "/" + about, owner: owner, about: about, key: key, until: Date.now() + KEPT_FOR };
    var others = (await all("keys")).filter(function (each) { return each.owner !== owner; });
    await within(["keys"], "readwrite", function (keys) {
      others.forEach(function (each) { keys.delete(each.id); });
      keys.put(holder);
    });
    return holder;
  }

  async function holders() {
    var found = await all("keys");
    var over = found.filter(function (each) { return each.until < Date.now(); });
    if (over.length) {
      await within(["keys"], "readwrite", function (keys) { over.forEach(function (each) { keys.delete(each.id); }); });
    }
    return found.filter(function (each) { return over.indexOf(each) < 0; });
  }

  async function holderOf(about) {
    return (await holders()).find(function (each) { return each.about === about; }) || null;
  }

  async function writeBytes(holder, name, bytes) {
    var iv = crypto.getRandomValues(new Uint8Array(12));
    var how = { name: "AES-GCM", iv: iv, additionalData: bound(holder, name) };
    var data = await crypto.subtle.encrypt(how, holder.key, bytes);
    var row = { id: holder.id + "/" + name, owner: holder.owner, iv: iv, data: data };
    await within(["sealed"], "readwrite", function (sealed) { sealed.put(row); });
  }

  async function readBytes(holder, name) {
    var id = holder.id + "/" + name;
    var row = await within(["sealed"], "readonly", function (sealed) { return sealed.get(id); });
    if (!row) return null;
    var how = { name: "AES-GCM", iv: row.iv, additionalData: bound(holder, name) };
    return crypto.subtle.decrypt(how, holder.key, row.data);
  }

  function write(holder, name, value) {
    return writeBytes(holder, name, new TextEncoder().encode(JSON.stringify(value)));
  }

  async function read(holder, name) {
    var bytes = await readBytes(holder, name);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  }

  function remove(holder, name) {
    return within(["sealed"], "readwrite", function (sealed) { sealed.delete(holder.id + "/" + name); });
  }

  // How much waits to be sent: a number in clear, for the warning at signing out.
  function note(holder, pending) {
    var row = { id: holder.id, owner: holder.owner, about: holder.about, pending: pending };
    return within(["notes"], "readwrite", function (notes) { notes.put(row); });
  }

  async function forget(wanted) {
    for (var name of ["keys", "sealed", "notes"]) {
      var gone = (await all(name)).filter(wanted);
      await within([name], "readwrite", function (store) {
        gone.forEach(function (each) { store.delete(each.id); });
      });
    }
  }

  function forgetAbout(holder) {
    return forget(function (each) { return each.id === holder.id || each.id.startsWith(holder.id + "/"); });
  }

  function forgetKey(holder) {
    return within(["keys"], "readwrite", function (keys) { keys.delete(holder.id); });
  }

  window.AppDevice = {
    hold: hold, holders: holders, holderOf: holderOf, write: write, read: read, writeBytes: writeBytes,
    readBytes: readBytes, remove: remove, note: note, forgetAbout: forgetAbout, forgetKey: forgetKey,
    notes: function () { return all("notes"); },
  };

  // Signing out: what the person's device keeps goes first, after a warning where something was not sent.
  var person = document.body.dataset.person;
  document.addEventListener("submit", async function (event) {
    var form = event.target;
    if (!person || form.getAttribute("action") !== "/accounts/logout/") return;
    event.preventDefault();
    try {
      var mine = (await all("notes")).filter(function (each) { return each.owner === person; });
      var pending = mine.reduce(function (sum, each) { return sum + each.pending; }, 0);
      var warning = pending + (pending === 1 ? " item" : " items") + " of a visit on this tablet " +
        (pending === 1 ? "has" : "have") + " not been sent. Signing out deletes what is kept here. Sign out all the same?";
      if (pending && !window.confirm(warning)) return;
      await forget(function (each) { return each.owner === person; });
    } catch (problem) {
      // A browser that keeps nothing has nothing to delete.
    }
    form.submit();
  });
})();

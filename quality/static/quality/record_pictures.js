// Photographs: decoded and drawn anew here already, so that only pixels are kept, and covered where the officer says;
// the picture as it was taken is never kept. The signature is drawn, or typed alone.
(function () {
  "use strict";

  var R = window.VisitRecord, h = R.h;
  var LONGEST = 2560, MOST = 40e6;

  R.pictures = function (question, finding, id) {
    var place = h("div", { class: "app-record__pictures" });
    function draw(focus) {
      place.replaceChildren(...[list(), adder()].filter(Boolean));
      if (focus) place.querySelector("[data-add]").focus();
    }
    function list() {
      var rows = R.picturesOf(question, finding);
      return rows.length ? h("ul", { class: "govuk-list" }, rows.map(function (each) {
        return h("li", { class: each.problem ? "app-harm" : "" },
          (each.caption || each.name) + ": " + (each.problem || (each.sent ? "sent" : "kept on this tablet, not sent yet")) + " ",
          !each.sent && h("button", {
            type: "button", class: "app-record__link", on: { click: async function () { await R.dropPicture(each); draw(true); R.showStatus(); } },
          }, "Delete", h("span", { class: "govuk-visually-hidden" }, " the photograph " + (each.caption || each.name))));
      })) : null;
    }
    function adder() {
      var input = h("input", {
        type: "file", accept: "image/*", id: id + "-file", class: "govuk-visually-hidden", tabindex: "-1", "aria-hidden": "true",
        on: { change: function () { if (input.files[0]) open(input.files[0]); } },
      });
      return h("div", {}, input, R.button("Add a photograph", function () { input.click(); }, "secondary",
        { "data-add": "", "data-for": id + "-file" }));
    }
    async function open(file) {
      var bitmap = null;
      try { bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch (problem) { bitmap = null; }
      if (!bitmap || bitmap.width * bitmap.height > MOST) {
        place.replaceChildren(h("p", { class: "govuk-error-message", role: "alert" }, bitmap
          ? "This picture has more than 40 million pixels. Take it again at a lower quality."
          : "This is not a picture that can be opened here. Take it again, or choose a JPEG or PNG."), ...[list(), adder()].filter(Boolean));
        place.querySelector("[data-add]").focus();
        return;
      }
      place.replaceChildren(editor(bitmap, async function (facts, bytes) {
        await R.keepPicture(Object.assign({ question: question, finding: finding, kind: "photograph", type: "image/jpeg" }, facts), bytes);
        draw(true);
        R.showStatus();
      }, function () { draw(true); }, id));
      place.querySelector("canvas").focus();
    }
    draw(false);
    return place;
  };

  function editor(bitmap, keep, drop, id) {
    var scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    var canvas = h("canvas", {
      class: "app-record__canvas", tabindex: "0", role: "img", "aria-describedby": id + "-cover-hint",
      "aria-label": "The photograph. Cover faces and names before you keep it.",
    });
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    var pen = canvas.getContext("2d"), boxes = [], from = null, caption = "", consent = false;
    var form = h("div", { class: "app-record__editor" });

    function paint() {
      pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      pen.fillStyle = "#000";
      boxes.forEach(function (box) { pen.fillRect(box.x, box.y, box.w, box.h); });
    }
    function at(event) {
      var frame = canvas.getBoundingClientRect();
      return {
        x: (event.clientX - frame.left) * canvas.width / frame.width, y: (event.clientY - frame.top) * canvas.height / frame.height,
      };
    }
    canvas.addEventListener("pointerdown", function (event) {
      from = at(event);
      boxes.push({ x: from.x, y: from.y, w: 0, h: 0 });
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!from) return;
      var to = at(event);
      boxes[boxes.length - 1] = {
        x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), w: Math.abs(to.x - from.x), h: Math.abs(to.y - from.y),
      };
      paint();
    });
    canvas.addEventListener("pointerup", function () {
      from = null;
      boxes = boxes.filter(function (box) { return box.w > 4 && box.h > 4; });
      paint();
    });
    canvas.addEventListener("keydown", function (event) {
      var box = boxes[boxes.length - 1], step = canvas.width / 40;
      var ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (event.key === "Delete" || event.key === "Backspace") boxes.pop();
      else if (box && ways[event.key]) {
        var way = ways[event.key];
        if (event.shiftKey) { box.w = Math.max(step, box.w + way[0]); box.h = Math.max(step, box.h + way[1]); }
        else { box.x += way[0]; box.y += way[1]; }
      } else return;
      event.preventDefault();
      paint();
    });
    function cover() {
      boxes.push({ x: canvas.width * 0.4, y: canvas.height * 0.4, w: canvas.width * 0.2, h: canvas.height * 0.2 });
      paint();
      canvas.focus();
    }
    function fields(problem) {
      form.replaceChildren(canvas,
        h("p", { class: "govuk-hint", id: id + "-cover-hint" }, "Draw over what nobody may see: faces, names, an address. By keyboard: cover a part, move it with the arrow keys, change its size with Shift and an arrow key, take it away with Delete."),
        R.button("Cover a part", cover, "secondary"),
        R.text({ id: id + "-caption", label: "What it shows", small: true, rows: 1, value: caption, longest: 200, change: function (value) { caption = value; } }),
        R.tick({
          id: id + "-consent", label: "Nobody can be recognised in it, or whoever can be has agreed to it", value: consent, problem: problem,
          change: function (value) { consent = value; },
        }),
        h("div", { class: "govuk-button-group" }, R.button("Keep the photograph", done), R.button("Do not keep it", drop, "secondary")));
    }
    async function done() {
      if (!consent) {
        fields("Tick this, or do not keep the photograph.");
        document.getElementById(id + "-consent").focus();
        return;
      }
      var blob = await new Promise(function (give) { canvas.toBlob(give, "image/jpeg", 0.85); });
      var key = R.uuid();
      await keep({
        device_key: key, name: "photograph-" + key.slice(0, 8) + ".jpg", caption: caption.trim(), consent: true, redacted: boxes.length > 0,
      }, await blob.arrayBuffer());
    }
    paint();
    fields("");
    return form;
  }

  // Drawn with a finger or a mouse; the typed name stands for it where nothing is drawn.
  R.signature = function () {
    var here = R.state.pictures.filter(function (each) { return each.kind === "signature"; });
    var stands = here.length || R.state.base.files.some(function (each) { return each.kind === "signature"; });
    var place = h("div", { class: "app-record__signature" });
    if (stands) {
      place.append(h("p", { class: "govuk-body" }, here.some(function (each) { return !each.sent; }) ? "Signed on this tablet." : "The drawn signature was sent."));
      return place;
    }
    var canvas = h("canvas", { class: "app-record__canvas", role: "img", "aria-label": "A field to sign in with a finger. The typed name is enough without it." });
    canvas.width = 800;
    canvas.height = 240;
    var pen = canvas.getContext("2d"), down = false, drawn = false;
    function blank() { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); drawn = false; }
    function at(event) {
      var frame = canvas.getBoundingClientRect();
      return [(event.clientX - frame.left) * canvas.width / frame.width, (event.clientY - frame.top) * canvas.height / frame.height];
    }
    canvas.addEventListener("pointerdown", function (event) {
      down = true; canvas.setPointerCapture(event.pointerId); pen.lineWidth = 4; pen.beginPath(); pen.moveTo(...at(event));
    });
    canvas.addEventListener("pointermove", function (event) { if (down) { drawn = true; pen.lineTo(...at(event)); pen.stroke(); } });
    canvas.addEventListener("pointerup", function () { down = false; });
    blank();
    place.append(canvas, h("div", { class: "govuk-button-group" },
      R.button("Keep this signature", async function () {
        if (!drawn) return;
        var blob = await new Promise(function (give) { canvas.toBlob(give, "image/png"); });
        await R.keepPicture({
          device_key: R.uuid(), kind: "signature", question: "", finding: "", name: "signature.png", caption: "", consent: true,
          redacted: false, type: "image/png",
        }, await blob.arrayBuffer());
        place.replaceWith(R.signature());
        R.showStatus();
      }, "secondary"),
      R.button("Draw it again", blank, "secondary")));
    return place;
  };
})();

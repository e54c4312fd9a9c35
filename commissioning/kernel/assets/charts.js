// Draws every [data-chart] from the JSON beside it. Without scripts, the table under each chart serves.
// Canvas and no HTML tooltips: nothing here needs inline styles or eval, so a strict policy may stay strict.
(function () {
  "use strict";

  var self = document.currentScript;
  var plots = Array.from(document.querySelectorAll("[data-chart]"));
  var INK = "#0b0c0c", QUIET = "#4c5459", GRID = "#e1e6e8";
  var OURS = "#14528c", OTHERS = "#5f6b73", BAND = "#e1e6e8";
  var ROUTES = {
    framework: ["#0b5566", "none"],
    block: ["#6b4c9a", "diagonal"],
    dynamic_market: ["#4fae9b", "dots"],
    spot: ["#d0749f", "back"],
    in_house: ["#b4bec3", "grid"],
    ours: [OURS, "none"],
    partnership: [OTHERS, "dots"]
  };
  var SERIES = ["#14528c", "#5f6b73", "#6b4c9a", "#4fae9b", "#d0749f"];
  var DECALS = {
    none: { symbol: "none" },
    diagonal: { color: "rgba(255,255,255,.45)", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
    back: { color: "rgba(255,255,255,.5)", dashArrayX: [1, 0], dashArrayY: [3, 5], rotation: -Math.PI / 4 },
    dots: { color: "rgba(255,255,255,.55)", symbol: "circle", dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0], symbolSize: 0.8 },
    grid: { color: "rgba(60,70,75,.35)", symbol: "rect", dashArrayX: [2, 6], dashArrayY: [2, 6], symbolSize: 1 }
  };
  var TEXT = { fontFamily: "arial, sans-serif", fontSize: 14, color: INK };

  function pounds(value) {
    return "£" + Math.round(value).toLocaleString("en-GB");
  }

  function axisWords(unit) {
    return /£/.test(unit) ? pounds : /%|per cent/.test(unit) ? function (v) { return v + "%"; } : function (v) {
      return v.toLocaleString("en-GB");
    };
  }

  function load(then) {
    if (window.echarts) return then();
    var script = document.createElement("script");
    script.src = self.dataset.echarts;
    script.nonce = self.nonce;
    script.onload = then;
    document.head.appendChild(script);
  }

  // Dots that would hide one another step aside: each takes the nearest free row of its strip.
  function spread(dots, pixel, size) {
    var rows = [0, -1, 1, -2, 2, -3, 3], last = {};
    return dots.map(function (dot) {
      var x = pixel(dot.value);
      var row = rows.find(function (r) { return last[r] === undefined || x - last[r] >= size; });
      if (row === undefined) row = 0;
      last[row] = x;
      return row * (size - 1);
    });
  }

  function bounds(strips, ticks) {
    var all = [];
    strips.forEach(function (s) {
      s.dots.forEach(function (d) { all.push(d.value); });
      if (s.ours !== null) all.push(s.ours);
    });
    var low = Math.min.apply(null, all), high = Math.max.apply(null, all), span = high - low || Math.abs(high) || 1;
    var raw = span * 1.1 / ticks, power = Math.pow(10, Math.floor(Math.log10(raw)));
    var step = power * [1, 2, 5, 10].find(function (m) { return power * m >= raw; }), room = span * 0.03;
    return [Math.floor((low - room) / step) * step, Math.ceil((high + room) / step) * step, step];
  }

  function dotStrip(data, width) {
    var strips = data.strips, narrow = width < 560, size = narrow ? 8 : 11, each = narrow ? 96 : 74;
    var grid = { left: narrow ? 8 : 200, right: narrow ? 16 : 30, top: narrow ? 10 : 4, bottom: 52 };
    var range = bounds(strips, narrow ? 4 : 8), inner = width - grid.left - grid.right;
    function pixel(value) { return ((value - range[0]) / (range[1] - range[0])) * inner; }

    function band(params, api) {
      var strip = strips[params.dataIndex], shapes = [];
      if (strip.lower === null || strip.upper === null) return null;
      var from = api.coord([strip.lower, params.dataIndex]), to = api.coord([strip.upper, params.dataIndex]);
      var mid = api.coord([strip.median, params.dataIndex]);
      shapes.push({ type: "rect", shape: { x: from[0], y: from[1] - 22, width: Math.max(2, to[0] - from[0]), height: 44 },
        style: { fill: BAND, stroke: "#b6c0c5" } });
      shapes.push({ type: "rect", shape: { x: mid[0] - 1.5, y: mid[1] - 27, width: 3, height: 54 }, style: { fill: INK } });
      return { type: "group", children: shapes };
    }

    var dots = [], ours = [];
    strips.forEach(function (strip, line) {
      var offsets = spread(strip.dots, pixel, size);
      strip.dots.forEach(function (dot, i) {
        dots.push({ value: [dot.value, line], symbolOffset: [0, offsets[i]],
          reading: dot.name + ": " + dot.text + " " + data.words + ", " + strip.label, href: dot.href });
      });
      if (strip.ours !== null) ours.push({ value: [strip.ours, line], symbolOffset: [0, 30],
        reading: data.oursLabel + ": " + strip.oursText + " " + data.words + ", " + strip.label });
    });

    return {
      height: strips.length * each + grid.top + grid.bottom,
      stops: [].concat(dots, ours).map(function (point, i) {
        return { series: i < dots.length ? 1 : 2, index: i < dots.length ? i : i - dots.length, point: point };
      }),
      option: {
        grid: grid,
        xAxis: { type: "value", min: range[0], max: range[1], name: data.unit, nameLocation: "middle", nameGap: 32,
          nameTextStyle: { color: QUIET, fontSize: 14 }, interval: range[2],
          axisLabel: { formatter: axisWords(data.unit), color: QUIET, fontSize: 14, hideOverlap: true },
          splitLine: { lineStyle: { color: GRID } } },
        yAxis: { type: "category", inverse: true, data: strips.map(function (s) { return s.label; }),
          axisTick: { show: false }, axisLine: { show: false },
          axisLabel: narrow
            ? { inside: true, margin: 0, verticalAlign: "bottom", padding: [0, 0, 28, 0], color: INK, fontSize: 14, fontWeight: "bold" }
            : { width: 184, overflow: "break", lineHeight: 18, color: INK, fontSize: 15 },
          z: 10 },
        series: [
          { type: "custom", renderItem: band, data: strips.map(function (s, i) { return [s.median, i]; }), silent: true, z: 1 },
          { type: "scatter", data: dots, symbolSize: size, z: 3,
            itemStyle: { color: OTHERS, opacity: 0.85, borderColor: "#fff", borderWidth: 1 },
            emphasis: { scale: 1.5, itemStyle: { color: INK, opacity: 1 } } },
          { type: "scatter", data: ours, symbol: "triangle", symbolSize: narrow ? 13 : 15, z: 4, itemStyle: { color: OURS, opacity: 1 },
            emphasis: { scale: 1.3 },
            label: { show: !narrow, position: "right", color: OURS, fontWeight: "bold", fontSize: 13,
              formatter: function (p) { return pounds(p.value[0]); } } }
        ]
      }
    };
  }

  function look(series, place) {
    var known = ROUTES[series.key] || [SERIES[place % SERIES.length], Object.keys(DECALS)[place % 5]];
    return { color: known[0], decal: DECALS[known[1]] };
  }

  function readings(data, seriesOffset) {
    var stops = [];
    data.categories.forEach(function (category, index) {
      data.series.forEach(function (series, place) {
        stops.push({ series: place + seriesOffset, index: index, point: { reading: category + ", " + series.label + ": " + series.texts[index] } });
      });
    });
    return stops;
  }

  // What stands behind a comma is read out and not drawn. Months are cut to "Apr" where their columns are narrow; every
  // label is shown where the longest word of one fits.
  function labelled(categories, slot) {
    function longest(words) {
      return Math.max.apply(null, words.join(" ").split(" ").map(function (word) { return word.length; })) * 8;
    }
    var whole = categories.map(function (words) { return words.replace(/, .*$/, ""); });
    var labels = longest(whole) <= slot ? whole : whole.map(function (words) {
      return words.replace(/^([A-Z][a-z]{2})[a-z]* \d{4}$/, "$1");
    });
    return { labels: labels, interval: longest(labels) <= slot ? 0 : "auto" };
  }

  function axes(data, width, zero) {
    var slot = (width - 90) / data.categories.length, shown = labelled(data.categories, slot);
    return {
      grid: { left: 8, right: 12, top: 16, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: shown.labels, axisTick: { show: false },
        axisLabel: { color: QUIET, fontSize: 14, hideOverlap: true, interval: shown.interval, width: slot, overflow: shown.interval === 0 ? "break" : "none" } },
      yAxis: { type: "value", scale: !zero, name: data.unit, nameTextStyle: { color: QUIET, fontSize: 14, align: "left" },
        axisLabel: { formatter: axisWords(data.unit), color: QUIET, fontSize: 14 }, splitLine: { lineStyle: { color: GRID } } }
    };
  }

  function stackedColumns(data, width) {
    var option = axes(data, width, true);
    option.grid.top = 70;
    option.legend = { top: 0, left: 0, itemWidth: 22, itemHeight: 14, itemGap: 16, textStyle: { fontSize: 14, color: INK }, selectedMode: false };
    option.grid.top = width < 560 ? 100 : 64;
    option.series = data.series.map(function (series, place) {
      var style = look(series, place);
      style.borderColor = "#fff";
      style.borderWidth = 1;
      return { type: "bar", stack: "all", name: series.label, itemStyle: style, barMaxWidth: 60,
        data: series.values.map(function (value, i) {
          return { value: value, reading: data.categories[i] + ", " + series.label + ": " + series.texts[i] };
        }) };
    });
    return { height: 360, option: option, stops: readings(data, 0) };
  }

  function lines(data, width) {
    var option = axes(data, width, false), types = ["solid", "dashed", "dotted"];
    option.grid.top = 40;
    option.grid.right = width < 560 ? 90 : 150;
    option.series = data.series.map(function (series, place) {
      var color = look(series, place).color;
      return { type: "line", name: series.label, symbol: ["circle", "rect", "triangle"][place % 3], symbolSize: 8, color: color,
        lineStyle: { width: 3, type: types[place % 3] }, connectNulls: false,
        endLabel: { show: true, formatter: series.label, color: color, fontSize: 14, fontWeight: "bold", width: option.grid.right - 12, overflow: "break" },
        labelLayout: { moveOverlap: "shiftY" },
        data: series.values.map(function (value, i) {
          return { value: value, reading: data.categories[i] + ", " + series.label + ": " + series.texts[i] };
        }) };
    });
    return { height: 320, option: option, stops: readings(data, 0) };
  }

  // Ours and the partnership's on one line per row, with the distance between them drawn.
  function dumbbell(data, width) {
    var narrow = width < 560, each = narrow ? 62 : 40, ours = data.series[0], theirs = data.series[1];
    var grid = { left: narrow ? 8 : 330, right: narrow ? 20 : 40, top: 8, bottom: 52 };
    function points(series) {
      return series.values.map(function (value, i) {
        return { value: [value, i], reading: data.categories[i] + ", " + series.label + ": " + series.texts[i] };
      });
    }
    function link(params, api) {
      var row = params.dataIndex;
      if (ours.values[row] === null || theirs.values[row] === null) return null;
      var from = api.coord([theirs.values[row], row]), to = api.coord([ours.values[row], row]);
      return { type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: "#b6c0c5", lineWidth: 4 } };
    }
    return {
      height: data.categories.length * each + grid.top + grid.bottom,
      stops: readings(data, 1),
      option: {
        grid: grid,
        xAxis: { type: "value", scale: true, name: data.unit, nameLocation: "middle", nameGap: 32,
          nameTextStyle: { color: QUIET, fontSize: 14 }, splitLine: { lineStyle: { color: GRID } },
          axisLabel: { formatter: axisWords(data.unit), color: QUIET, fontSize: 14, hideOverlap: true } },
        yAxis: { type: "category", inverse: true, data: data.categories, axisTick: { show: false }, axisLine: { show: false },
          axisLabel: narrow
            ? { inside: true, margin: 0, verticalAlign: "bottom", padding: [0, 0, 12, 0], color: INK, fontSize: 13, width: width - 40, overflow: "truncate" }
            : { width: 314, overflow: "break", lineHeight: 16, color: INK, fontSize: 14 },
          z: 10 },
        series: [
          { type: "custom", renderItem: link, data: ours.values.map(function (v, i) { return [v, i]; }), silent: true, z: 1 },
          { type: "scatter", data: points(ours), symbol: "triangle", symbolSize: 15, z: 4, itemStyle: { color: OURS, opacity: 1 } },
          { type: "scatter", data: points(theirs), symbolSize: 12, z: 3, itemStyle: { color: OTHERS, opacity: 1 } }
        ]
      }
    };
  }

  // Shares or prices as points: upright intervals, limits as dashed curves, middles as lines, quarters named in words.
  function pointsOf(data, width) {
    var narrow = width < 560, APART = "#8a4b00", series = [], most = 1;
    data.points.forEach(function (p) { most = Math.max(most, p.size || 0); });
    var across = data.points.map(function (p) { return p.x; }), first = data.poundsAcross ? Math.min.apply(null, across) : 0;
    var edge = first + (Math.max.apply(null, across) - first) * 0.8; // beyond it a name would leave the chart
    function size(p) { return p.size === null ? 12 : 9 + 25 * Math.sqrt(p.size / most); }
    function bar(params, api) {
      var p = data.points[params.dataIndex];
      if (p.low === null || p.high === null) return null;
      var from = api.coord([p.x, p.low]), to = api.coord([p.x, p.high]);
      return { type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: "#8b979d", lineWidth: 2 } };
    }
    series.push({ type: "custom", renderItem: bar, data: data.points.map(function (p) { return [p.x, p.y]; }), silent: true, z: 2 });
    series.push({ type: "scatter", z: 4, data: data.points.map(function (p) {
      return { value: [p.x, p.y], symbolSize: size(p), symbol: p.apart ? "diamond" : "circle", reading: p.reading, href: p.href, name: p.name,
        itemStyle: { color: p.apart ? APART : OURS, opacity: 0.85, borderColor: "#fff", borderWidth: 1 },
        label: { show: !narrow && (p.apart || data.points.length <= 8), formatter: p.name, position: p.x > edge ? "left" : "right", color: INK, fontSize: 13 } };
    }), labelLayout: { hideOverlap: true }, emphasis: { scale: 1.3 } });
    data.limits.forEach(function (limit, place) {
      [1, 2].forEach(function (side) {
        series.push({ type: "line", silent: true, symbol: "none", z: 1, data: limit.at.map(function (at) { return [at[0], at[side]]; }),
          lineStyle: { width: 2, color: QUIET, type: place ? "dotted" : "dashed" },
          endLabel: { show: side === 2, formatter: limit.label, color: QUIET, fontSize: 13 } });
      });
    });
    function line(at, words, key) {
      var mark = { label: { formatter: words, color: INK, fontSize: 13, position: "insideStartTop" } };
      mark[key] = at;
      return mark;
    }
    var lines = [];
    if (data.middle) lines.push(line(data.middle[0], data.middle[1], "yAxis"));
    if (data.middleAcross) lines.push(line(data.middleAcross[0], data.middleAcross[1], "xAxis"));
    if (lines.length) series[1].markLine = { silent: true, symbol: "none", lineStyle: { color: INK, width: 1.5, type: "solid" }, data: lines };
    var grid = { left: 52, right: data.limits.length ? 84 : 24, top: data.corners.length ? 66 : 36, bottom: data.corners.length ? 84 : 56 };
    var spots = [{ left: grid.left, top: 34 }, { right: grid.right, top: 34 }, { right: grid.right, bottom: 6 }, { left: grid.left, bottom: 6 }];
    return {
      height: narrow ? 380 : 440,
      stops: data.points.map(function (p, i) { return { series: 1, index: i, point: { reading: p.reading, href: p.href } }; }),
      option: {
        grid: grid,
        graphic: narrow ? [] : data.corners.map(function (words, place) {
          return Object.assign({ type: "text", silent: true, style: { text: words, fill: QUIET, fontSize: 13, fontFamily: "arial, sans-serif" } }, spots[place]);
        }),
        xAxis: { type: "value", scale: data.poundsAcross, min: data.poundsAcross ? null : 0, name: data.across, nameLocation: "middle", nameGap: 30,
          nameTextStyle: { color: QUIET, fontSize: 14 }, splitLine: { show: false },
          axisLabel: { formatter: data.poundsAcross ? pounds : undefined, color: QUIET, fontSize: 14, hideOverlap: true } },
        yAxis: { type: "value", min: data.percent ? 0 : null, max: data.percent ? 100 : null, name: data.up,
          nameTextStyle: { color: QUIET, fontSize: 14, align: "left", padding: [0, 0, 0, -44] },
          axisLabel: { formatter: data.percent ? "{value}%" : undefined, color: QUIET, fontSize: 14 }, splitLine: { lineStyle: { color: GRID } } },
        series: series
      }
    };
  }

  var KINDS = { dot_strip: dotStrip, columns: stackedColumns, line: lines, dumbbell: dumbbell, points: pointsOf };

  function prepare(plot) {
    var figure = plot.closest("figure"), reading = figure.querySelector(".app-chart__reading");
    var data = JSON.parse(document.getElementById(plot.dataset.chart).textContent);
    data.words = data.unit.replace("£", "").trim();
    figure.querySelectorAll("[data-chart-only]").forEach(function (part) { part.hidden = false; });
    plot.tabIndex = 0;
    plot.setAttribute("role", "application");
    plot.setAttribute("aria-label", data.title + ". Arrow keys read each figure. The table below has them all.");

    var chart = null, stops = [], at = -1, width = 0;

    function draw() {
      if (plot.clientWidth === width || !plot.clientWidth) return;
      width = plot.clientWidth;
      var made = KINDS[data.kind](data, width);
      stops = made.stops;
      plot.style.height = made.height + "px";
      if (!chart) {
        chart = window.echarts.init(plot, null, { renderer: "canvas" });
        chart.on("mouseover", function (event) { if (event.data && event.data.reading) reading.textContent = event.data.reading; });
        chart.on("click", function (event) { if (event.data && event.data.href) window.location.href = event.data.href; });
      }
      chart.resize();
      made.option.animation = false;
      made.option.textStyle = TEXT;
      chart.setOption(made.option, true);
    }

    function step(by) {
      if (at >= 0) chart.dispatchAction({ type: "downplay", seriesIndex: stops[at].series, dataIndex: stops[at].index });
      at = (at + by + stops.length) % stops.length;
      chart.dispatchAction({ type: "highlight", seriesIndex: stops[at].series, dataIndex: stops[at].index });
      reading.textContent = stops[at].point.reading;
    }

    plot.addEventListener("keydown", function (event) {
      var by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (by && stops.length) { step(at < 0 && by < 0 ? 0 : by); event.preventDefault(); }
      if (event.key === "Enter" && at >= 0 && stops[at].point.href) window.location.href = stops[at].point.href;
    });
    new ResizeObserver(draw).observe(plot);
    draw();
  }

  if (plots.length) load(function () { plots.forEach(prepare); });
})();

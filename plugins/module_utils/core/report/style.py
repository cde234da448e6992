# Copyright: (c) 2026, The Landfall authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The style of the page: calm, the same in the dark, and on paper."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fcfcfa; --ink: #1f2630; --quiet: #5c6672; --line: #dcdfe0; --soft: #f1f3f2;
  --accent: #1f5f86; --accent-2: #4f8f86; --given: #c9d9e3; --free: #eceeed; --stay: #a9b2b9; --leave: #e0c48c;
  --bad: #a8321f; --bad-soft: #f9e6e2; --warn: #7a5300; --warn-soft: #f7edd8; --good: #2c6b3f; --good-soft: #e2f0e5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15191e; --ink: #e1e5e9; --quiet: #98a3ae; --line: #323a43; --soft: #1d232a;
    --accent: #7db8dd; --accent-2: #7cc2b6; --given: #2f4657; --free: #242b32; --stay: #5a656f; --leave: #8b7341;
    --bad: #f09482; --bad-soft: #43221c; --warn: #e3b862; --warn-soft: #3b2f17; --good: #8fcf9f; --good-soft: #1e3726;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; max-width: 1180px; padding: 0 24px 64px; background: var(--paper); color: var(--ink);
  font: 15px/1.55 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", "PingFang SC",
    "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif;
  font-variant-numeric: tabular-nums;
}
html[lang="en"] .zh, html[lang="zh-CN"] .en { display: none; }
a { color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 24px; top: 8px; background: var(--paper); padding: 4px 8px; z-index: 1; }
header { padding-top: 28px; border-bottom: 1px solid var(--line); }
h1 { font-size: 27px; line-height: 1.25; font-weight: 650; margin: 0 160px 4px 0; overflow-wrap: anywhere; }
h2 { font-size: 20px; font-weight: 650; margin: 0 0 10px; }
section { padding: 34px 0 6px; }
p { max-width: 78ch; margin: 0 0 12px; }
.about, .note, .quiet { color: var(--quiet); }
.note { font-size: 13.5px; }
.verdict { font-size: 18px; line-height: 1.5; }
.languages { float: right; display: flex; }
nav ul { list-style: none; margin: 12px 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 20px; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
button {
  font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; padding: 3px 10px;
  cursor: pointer;
}
button[aria-pressed="true"] { background: var(--soft); font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(145px, 1fr)); gap: 1px; margin: 18px 0 0; }
.tiles div { box-shadow: 0 0 0 1px var(--line); padding: 12px 14px; }
.tiles dt { color: var(--quiet); font-size: 13.5px; }
.tiles dd { margin: 0; font-size: 26px; font-weight: 600; line-height: 1.3; }
.tiles dd.note { font-size: 12.5px; font-weight: 400; line-height: 1.4; }
.bad { color: var(--bad); }
.good { color: var(--good); }
figure { margin: 14px 0 20px; }
figcaption, caption { text-align: left; font-weight: 600; padding: 0 0 6px; }
.wide { overflow-x: auto; }
svg.chart { display: block; min-width: 760px; max-width: 1040px; width: 100%; height: auto; }
svg.natural { min-width: 0; max-width: none; width: auto; }
svg text { font-size: 13px; fill: var(--ink); }
svg text.quiet { fill: var(--quiet); font-size: 12px; }
svg text.strong { font-weight: 600; }
svg text.head { fill: var(--quiet); font-weight: 600; }
svg text.inside { fill: var(--paper); text-anchor: middle; font-size: 11.5px; }
.given { fill: var(--given); }
.used { fill: var(--accent); }
.free { fill: var(--free); background: var(--free); }
.staying { fill: var(--stay); background: var(--stay); }
.leaving { fill: var(--leave); background: var(--leave); }
.node { stroke: var(--paper); }
.control_plane { fill: var(--accent); background: var(--accent); }
.worker { fill: var(--accent-2); background: var(--accent-2); }
.box { fill: var(--soft); stroke: var(--accent); }
.box.staying { stroke: var(--stay); stroke-dasharray: 4 3; fill: var(--paper); }
.call { fill: none; stroke: var(--stay); stroke-width: 1.2; }
.call.back { stroke-dasharray: 4 3; }
.call.lit { stroke: var(--accent); stroke-width: 2.4; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 0; margin: 0 0 8px;
  font-size: 13.5px; }
.key { display: inline-block; width: 13px; height: 13px; margin-right: 6px; vertical-align: -2px; border-radius: 2px; }
table { border-collapse: collapse; width: 100%; margin: 0 0 16px; font-size: 13.5px; line-height: 1.45; }
th, td { text-align: left; vertical-align: top; padding: 5px 9px; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; }
thead th { color: var(--quiet); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 600; }
th, td { overflow-wrap: break-word; }
tbody th { max-width: 26em; }
td .found { overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
thead th button { border: 0; padding: 0; text-align: inherit; font-weight: 600; }
th[aria-sort="ascending"] button::after { content: " ▲" / ""; font-size: 9px; }
th[aria-sort="descending"] button::after { content: " ▼" / ""; font-size: 9px; }
.pill { display: inline-block; border-radius: 9px; padding: 0 8px; background: var(--soft); white-space: nowrap;
  font-size: 0.93em; }
.blocker, .fate-blocked { background: var(--bad-soft); color: var(--bad); }
.warning, .fate-emptied { background: var(--warn-soft); color: var(--warn); }
.fate-freed { background: var(--good-soft); color: var(--good); }
.findings caption { font-size: 14.5px; }
.findings th { width: 30%; overflow-wrap: anywhere; }
.findings td { width: 35%; }
.filter { display: flex; flex-wrap: wrap; gap: 10px 28px; align-items: end; margin: 0 0 12px; }
.filter fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 2px 16px; }
.filter legend { color: var(--quiet); font-size: 13.5px; padding: 0; }
input[type="search"] { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--stay);
  border-radius: 4px; padding: 4px 8px; width: 260px; display: block; }
#guest-table { max-height: 75vh; overflow: auto; }
#guest-table thead th { position: sticky; top: 0; background: var(--paper); }
@media print {
  :root {
    --paper: #fff; --ink: #000; --quiet: #444; --line: #bbb; --soft: #f3f3f3; --accent: #1f5f86; --accent-2: #4f8f86;
    --given: #c9d9e3; --free: #eceeed; --stay: #a9b2b9; --leave: #e0c48c; --bad: #a8321f; --bad-soft: #fff;
    --warn: #7a5300; --warn-soft: #fff; --good: #2c6b3f; --good-soft: #fff;
  }
  @page { margin: 14mm 12mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav, .languages, .filter, .skip, #guest-more { display: none; }
  section { padding: 16px 0 0; }
  figure, .tiles, tr, .findings { break-inside: avoid; }
  h2, caption { break-after: avoid; }
  thead { display: table-header-group; }
  table { font-size: 8.5pt; }
  th, td { padding: 3px 5px; }
  #guest-table table { font-size: 7pt; }
  .wide, #guest-table { overflow: visible; max-height: none; }
  #guest-table thead th { position: static; }
  svg.chart, svg.natural { min-width: 0; max-width: 100%; }
}
"""

import assert from "node:assert/strict";
import { test } from "node:test";

import { displayWidth, fitText } from "./display-width.ts";
import { textTable } from "./text-table.ts";
import type { Column } from "./text-table.ts";

const COLUMNS: readonly Column[] = [
  { title: "N", align: "right" },
  { title: "NAME", align: "left" },
  { title: "PATH", align: "left", keep: "end" },
];

test("numbers stand right, texts left", () => {
  assert.deepEqual(
    textTable(
      COLUMNS,
      [
        ["5", "a", "/x"],
        ["123", "bb", "/y"],
      ],
      80,
    ),
    ["  N  NAME  PATH", "  5  a     /x", "123  bb    /y"],
  );
});

test("the last column is cut to the width, at the end that matters less", () => {
  const path = `/usr/${"share/".repeat(30)}file`;
  for (const width of [30, 80, 132]) {
    const lines = textTable(COLUMNS, [["1", "a", path]], width);
    assert.equal(displayWidth(lines[1] ?? ""), width);
    assert.match(lines[1] ?? "", /…\S*file$/);
  }
});

test("control characters of an image never reach the terminal", () => {
  const [, line = ""] = textTable(COLUMNS, [["1", "\u001b[2Ja\u009b", "/x\ny\u202e"]], 80);
  assert.equal(line, "1  \\x1b[2Ja\\x9b  /x\\x0ay\\u{202e}");
});

test("wide characters take two cells, combining ones none", () => {
  assert.equal(displayWidth("日本"), 4);
  assert.equal(displayWidth("e\u0301"), 1);
  assert.equal(fitText("日本語の名前", 7), "日本語…");
  assert.equal(fitText("日本語の名前", 7, "end"), "…の名前");
  assert.equal(fitText("short", 7), "short");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { csvRow } from "./csv-row.ts";

test("cells are quoted where they must be", () => {
  assert.equal(csvRow(["a", 1, null, 'b"c', "d,e", ""]), 'a,1,,"b""c","d,e",\r\n');
});

test("no cell begins a formula, a row or a terminal's command", () => {
  for (const text of ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r\n=1", "＝1", "|x"]) {
    assert.match(csvRow([text]), /^"'/, JSON.stringify(text));
  }
  assert.equal(csvRow(["a\r\nb\u001b[31m"]), "a  b [31m\r\n");
  assert.equal(csvRow([-1]), "-1\r\n");
});

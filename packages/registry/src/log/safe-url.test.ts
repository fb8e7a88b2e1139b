import assert from "node:assert/strict";
import { test } from "node:test";

import { safeText, safeUrl } from "./safe-url.ts";

test("user and password leave a URL, and secret parameters their values", () => {
  for (const [url, safe] of [
    ["/v2/team/app/manifests/1", "/v2/team/app/manifests/1"],
    ["/v2/?n=10&last=a", "/v2/?n=10&last=a"],
    ["https://u:p@h:1/x", "https://h:1/x"],
    ["https://h/a@b", "https://h/a@b"],
    ["https://u:p@x@h/", "https://h/"],
    ["/x?token=a&n=1&refresh_token=b", "/x?token=***&n=1&refresh_token=***"],
    ["/x?PASSWORD=a", "/x?PASSWORD=***"],
    ["/x?X-Amz-Signature=a&X-Amz-Date=b", "/x?X-Amz-Signature=***&X-Amz-Date=b"],
    ["/x?to%6Ben=a", "/x?to%6Ben=***"],
    ["/x?%zz=a&token", "/x?%zz=a&token"],
    ["/v2/x/blobs/uploads/1?_state=abc", "/v2/x/blobs/uploads/1?_state=***"],
  ] as const) {
    assert.equal(safeUrl(url), safe);
  }
});

test("every URL in a text is made safe", () => {
  assert.equal(
    safeText("from http://u:p@a/ to 'https://b/?sig=1': why? because"),
    "from http://a/ to 'https://b/?sig=***': why? because",
  );
});

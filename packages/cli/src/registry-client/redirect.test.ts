import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { followRedirect } from "./redirect.ts";

const REGISTRY = new URL("https://registry.example.com");
const FROM = new URL("https://registry.example.com/v2/app/blobs/x");

suite("a redirect of a registry", () => {
  const followed: readonly [string, string][] = [
    ["/other", "https://registry.example.com/other"],
    ["?x=1", "https://registry.example.com/v2/app/blobs/x?x=1"],
    ["//cdn.example.com/x", "https://cdn.example.com/x"],
    ["https://cdn.example.com/x?sig=a%2Fb", "https://cdn.example.com/x?sig=a%2Fb"],
  ];
  for (const [location, url] of followed) {
    test(`to ${location} is followed`, () => {
      assert.equal(followRedirect(FROM, location, REGISTRY).href, url);
    });
  }

  const refused: readonly [string | undefined, RegExp][] = [
    [undefined, /without a usable Location/],
    ["https://", /without a usable Location/],
    ["ftp://example.com/x", /not followed/],
    ["https://user:pass@example.com/x", /not followed/],
    ["http://cdn.example.com/x", /without https/],
    ["http://registry.example.com/x", /without https/],
    ["https://localhost/x", /to this machine/],
    ["https://127.8.9.1:8080/x", /to this machine/],
    ["http://[::1]/x", /to this machine/],
    ["http://0x7f.1/x", /to this machine/],
  ];
  for (const [location, why] of refused) {
    test(`to ${location} is refused: ${why.source}`, () => {
      assert.throws(() => followRedirect(FROM, location, REGISTRY), {
        code: "refused",
        message: why,
      });
    });
  }

  test("of a registry of this machine may stay there", () => {
    const registry = new URL("http://localhost:5000");
    const url = followRedirect(new URL("/v2/", registry), "http://127.0.0.1:9000/x", registry);
    assert.equal(url.host, "127.0.0.1:9000");
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { createdByText } from "./created-by-text.ts";

const cases: readonly (readonly [recorded: string, shown: string])[] = [
  ["/bin/sh -c #(nop) ADD file:0123 in / ", "ADD file:0123 in /"],
  ['/bin/sh -c #(nop)  CMD ["bash"]', 'CMD ["bash"]'],
  ["/bin/sh -c apt-get update \t && rm -rf /x", "RUN apt-get update && rm -rf /x"],
  ["RUN /bin/sh -c make # buildkit", "RUN make"],
  ["RUN |2 A=1 B= /bin/sh -c make # buildkit", "RUN make"],
  ["|1 A=1 /bin/sh -c make", "RUN make"],
  ["RUN /bin/bash -o pipefail -c a | b # buildkit", "RUN a | b"],
  ["COPY /app / # buildkit", "COPY /app /"],
  ["", ""],
  ["bazel build ...", "bazel build ..."],
];

for (const [recorded, shown] of cases) {
  test(`${JSON.stringify(recorded)} is shown as ${JSON.stringify(shown)}`, () => {
    assert.equal(createdByText(recorded), shown);
  });
}

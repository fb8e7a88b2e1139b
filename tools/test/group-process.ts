// The child process of group.ts: runs test files with node:test and sends the results to its parent.
import { once } from "node:events";
import { run } from "node:test";

import type { FromGroup, ToGroup } from "./group-message.ts";
import { outcomeOf } from "./outcome.ts";

const [message] = await once(process, "message");
const { files, isolation, timeoutMs } = message as ToGroup; // group.ts sends nothing else
const stop = new AbortController();
process.once("SIGTERM", () => {
  stop.abort(); // ends the processes of the files
  process.exitCode = 1;
  setTimeout(() => process.exit(), 500);
});
const tests = run({
  files: [...files],
  isolation,
  concurrency: isolation === "process" ? 2 : 1,
  timeout: timeoutMs,
  signal: stop.signal,
});
// Told at once, not in the loop below: a test that never yields would be the last to be heard of.
tests.on("test:dequeue", ({ name, file }) => {
  tell({ type: "started", name: file === undefined || file === name ? name : `${name} (${file})` });
});

let failed = false;
let succeeded = true;
for await (const event of tests) {
  if (event.type === "test:stdout" || event.type === "test:stderr")
    tell({ type: "output", text: event.data.message });
  if (event.type === "test:summary" && event.data.file === undefined)
    succeeded = event.data.success;
  const outcome = outcomeOf(event);
  if (outcome === undefined) continue;
  failed ||= outcome.type === "failed";
  tell(outcome);
}
if (!succeeded && !failed)
  tell({ type: "failed", text: "✖ node:test reports a failure that no test explains" });
tell({ type: "ended" });
process.exitCode = stop.signal.aborted ? 1 : 0; // the parent counts; this code only tells that the process itself was well
process.channel?.unref(); // so that only what a test left open keeps this process alive

function tell(outcome: FromGroup): void {
  process.send?.(outcome);
}

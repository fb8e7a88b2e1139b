import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { shell } from "./command.ts";
import { missing } from "./missing.ts";
import { Scratch } from "./scratch.ts";
import { treeDiff } from "./tree-diff.ts";
import { readTree } from "./tree.ts";

/** Makes a tree in the current folder that has everything. */
const MAKE = `
  umask 022; printf hello >file; mkdir dir; touch dir/child; ln -s file symlink; ln file hardlink; mkfifo fifo
  mknod char c 1 3; mknod block b 7 1; printf x >$'new\\nline \\377\\\\'; setfattr -n user.note -v old file
  setcap cap_net_raw+ep dir/child; setfacl -m u:7:r dir/child; truncate -s 1M sparse
  find . -exec touch -h -d '2001-02-03 04:05:06.789' {} +
`;

suite(
  "the comparison of file trees",
  { skip: missing("getfattr", "setfattr", "setfacl", "setcap") },
  () => {
    test("equal trees do not differ", async () => {
      assert.deepEqual(await differencesAfter(":"), []);
    });

    const cases: [change: string, expected: string[]][] = [
      [
        "printf HELLO >dir/child",
        [
          "dir/child: mtime",
          "dir/child: size",
          "dir/child: content",
          "dir/child: xattr security.capability",
        ],
      ],
      ["rm fifo", ["fifo: is missing"]],
      ["mkdir extra", ["extra: must not be there"]],
      ["touch -h -d '2001-02-03 04:05:06.788' symlink", ["symlink: mtime"]],
      ["chmod u+s dir", ["dir: mode"]],
      ["chown -h 1:2 symlink", ["symlink: owner"]],
      ["ln -sfn fil symlink", ["symlink: mtime", "symlink: target"]],
      [
        "cp -p --remove-destination file hardlink; setfattr -n user.note -v old hardlink",
        ["file: names", "hardlink: names"],
      ],
      [
        "ln -f file fifo",
        [
          "fifo: type",
          "fifo: size",
          "fifo: content",
          "fifo: names",
          "fifo: xattr user.note",
          "file: names",
          "hardlink: names",
        ],
      ],
      ["rm char; mknod char c 1 5", ["char: mtime", "char: device"]],
      ["rm block; mknod block c 7 1", ["block: type", "block: mtime"]],
      ["setfattr -n user.note -v new file", ["file: xattr user.note", "hardlink: xattr user.note"]],
      ["setfattr -x user.note file", ["file: xattr user.note", "hardlink: xattr user.note"]],
      ["setcap -r dir/child", ["dir/child: xattr security.capability"]],
      [
        "setfacl -m u:7:w dir/child",
        ["dir/child: mode", "dir/child: xattr system.posix_acl_access"],
      ],
      ["setfattr -n user.x -v y $'new\\nline \\377\\\\'", ["new\\x0aline \\xff\\: xattr user.x"]],
    ];
    for (const [change, expected] of cases) {
      test(`after ${change}`, async () => {
        const found = await differencesAfter(`${change}; touch -d '2001-02-03 04:05:06.789' . dir`);
        const short = found.map(
          (line) => /^.*?: (?:(?:is missing|must not be there)|.*?(?= is ))/.exec(line)?.[0],
        );
        assert.deepEqual(short, expected);
      });
    }

    async function differencesAfter(change: string): Promise<string[]> {
      await using scratch = await Scratch.create();
      await shell(MAKE, [], { cwd: scratch.path });
      const before = await readTree(scratch.path);
      await shell(change, [], { cwd: scratch.path });
      return treeDiff(before, await readTree(scratch.path));
    }
  },
);

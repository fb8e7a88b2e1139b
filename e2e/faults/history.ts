/** What happened to one object or more: repositories with tags, digests, uploads. */
interface Entry {
  readonly milliseconds: number;
  readonly who: string;
  readonly what: string;
  readonly objects: readonly string[];
}

/** How much of an object's history is told. */
const LINES = 80;

/** Everything that was asked and answered, so that a failure can tell the story of its object. */
export class History {
  readonly #began = performance.now();
  readonly #entries: Entry[] = [];

  note(who: string, what: string, ...objects: readonly string[]): void {
    const milliseconds = Math.round(performance.now() - this.#began);
    this.#entries.push({ milliseconds, who, what, objects });
  }

  /** An error that tells what happened to some objects before, and what happened to the servers. */
  fault(message: string, ...objects: readonly string[]): Error {
    const story = this.#entries.filter(
      (entry) => entry.objects.length === 0 || entry.objects.some((name) => objects.includes(name)),
    );
    this.note("test", `FAULT ${message}`, ...objects);
    return new Error([message, ...story.slice(-LINES).map(line)].join("\n"));
  }

  /** All of it. */
  get text(): string {
    return this.#entries.map((entry) => `${line(entry)}\n`).join("");
  }
}

function line({ milliseconds, who, what, objects }: Entry): string {
  return `${String(milliseconds).padStart(7)} ${who.padEnd(8)} ${what} ${objects.join(" ")}`;
}

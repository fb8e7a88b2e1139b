import { setTimeout as delay } from "node:timers/promises";

import {
  answerText,
  ConnectionLost,
  HttpClient,
  type Answer,
  type RequestOptions,
} from "./http-client.ts";
import type { History } from "./history.ts";
import type { Member } from "./member.ts";
import type { Random } from "./random.ts";

/** A request that is refused for now, by 503, is made again so often. */
const PATIENCE = 100;

/** Somebody's way to the servers: to one that is up, and again when it was killed. Every request is part of the history. */
export class ActorClient implements Disposable {
  readonly who: string;
  readonly history: History;
  readonly #members: readonly Member[];
  readonly #random: Random;
  readonly #http: HttpClient;

  constructor(
    who: string,
    parts: { members: readonly Member[]; history: History; random: Random },
  ) {
    const [first] = parts.members;
    if (first === undefined) throw new TypeError("no server");
    const { name, password } = first.server.admin;
    this.who = who;
    this.history = parts.history;
    this.#members = parts.members;
    this.#random = parts.random;
    this.#http = new HttpClient(name, password);
  }

  /**
   * Sends a request once.
   *
   * @param objects whose history it belongs to
   * @throws {ConnectionLost} when a server was killed meanwhile, or the client itself gave up
   * @throws {Error} a fault, when the connection was lost without a reason, or the server failed
   */
  async once(
    method: string,
    path: string,
    options: RequestOptions,
    ...objects: readonly string[]
  ): Promise<Answer> {
    const { member, lives } = await this.#member();
    const about = `${member.name} ${method} ${short(path)}`;
    try {
      const answer = await this.#http.send(member.server.url, method, path, options);
      this.history.note(this.who, `${about} → ${answer.status}`, ...objects);
      if (answer.status < 500 || answer.status === 503) return answer;
      throw this.history.fault(
        `${about} → ${answerText(answer)}\n${member.server.log.slice(-3000)}`,
        ...objects,
      );
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      this.history.note(this.who, `${about} → ${error.message}`, ...objects);
      if (member.lives !== lives || error.cause instanceof GivenUp) throw error;
      throw this.history.fault(`${about}: ${error.message}, and nobody was killed`, ...objects);
    }
  }

  /** Sends a request until it is answered. `lost` tells of attempts of which nobody knows what they did. */
  async send(
    method: string,
    path: string,
    options: Omit<RequestOptions, "body"> & { readonly body?: Buffer },
    ...objects: readonly string[]
  ): Promise<Answer & { readonly lost: number }> {
    let lost = 0;
    for (let attempt = 0; attempt < PATIENCE; attempt++) {
      try {
        const answer = await this.once(method, path, options, ...objects);
        if (answer.status !== 503) return { ...answer, lost };
        await delay(250);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        lost++;
      }
    }
    throw this.history.fault(`${method} ${path} gets no answer but 503`, ...objects);
  }

  /** One that is up, any of them. */
  async #member(): Promise<{ readonly member: Member; readonly lives: number }> {
    const members = this.#random.shuffled(this.#members);
    return await Promise.race(
      members.map(async (member) => {
        const { lives } = member;
        await member.up;
        return { member, lives };
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }
}

/** Thrown into a body that is sent: the client leaves in the middle. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

/** The ids of uploads are long. */
function short(path: string): string {
  return path
    .replace(/(uploads\/[0-9a-f]{20})[0-9a-f]+/, "$1…")
    .replace(/([0-9a-f]{12})[0-9a-f]{52}/g, "$1");
}

import type { Server } from "../servers/server.ts";
import type { Work } from "./figure.ts";
import type { Fixture } from "./fixture.ts";

/** One thing that clients do with a registry. */
export interface RegistryCase {
  readonly name: string;
  /** What {@link Work.amount} counts. */
  readonly unit: "requests" | "bytes" | "copies";
  /** At least so many times docker-registry's rate. */
  readonly goal?: number;
  /** For what docker-registry does not have. */
  readonly wharfOnly?: boolean;
  /** The server that is asked and measured in place of another; undefined: the same. */
  standIn?(server: Server): Server;
  /** Not measured: what the case needs besides the fixture. Once for each server. */
  prepare?(server: Server, fixture: Fixture): Promise<void>;
  run(server: Server, fixture: Fixture, round: number): Promise<Work>;
}

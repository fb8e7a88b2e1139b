// Long because it is one thing: which manifests of one repository are dead, and in which order they can go.
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

/** A manifest that no tag keeps by itself. */
export interface Candidate {
  readonly digest: string;
  readonly subject: string | null;
}

export interface GraphNode extends Candidate {
  readonly id: number;
}

/** An edge tells what keeps what: a parent its child, a subject its referrer. */
const PARENT = 0;
const SUBJECT = 1;

/** Nothing has shown that it is alive. */
const DEAD = 0;
/** Alive; what it keeps is not marked yet. */
const FRESH = 1;
const ALIVE = 2;
const TAKEN = 3;

const STEP = 500;

/**
 * The candidates of one repository and what keeps them. Life spreads along the edges; what it does not reach is dead.
 * Children form no cycles (a manifest contains the digests of its children), but together with subjects they can: an
 * index may name its own child as its subject.
 */
export class ManifestGraphStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      create table node (
        id integer primary key, digest text not null unique, subject text,
        state integer not null, waits integer not null
      );
      create index node_by_state_and_waits on node (state, waits);
      create table edge (
        source integer not null, target integer not null, kind integer not null,
        primary key (source, target, kind)
      ) without rowid;
      create index edge_by_target on edge (target, kind);
    `);
  }

  clear(): void {
    this.#database.exec("delete from edge; delete from node");
  }

  add({ digest, subject }: Candidate): void {
    this.#run(
      `insert into node (digest, subject, state, waits) values (?, ?, ${DEAD}, 0)`,
      digest,
      subject,
    );
  }

  has(digest: string): boolean {
    return this.#idOf(digest) !== undefined;
  }

  /** Candidates in the order of their ids. */
  page(last: GraphNode | undefined, limit: number): GraphNode[] {
    return this.#nodes("where id > ? order by id limit ?", last?.id ?? 0, limit);
  }

  /** @param parent a manifest that is there; one that is no candidate is alive */
  addParent(child: string, parent: string): void {
    this.#addEdge(parent, child, PARENT);
  }

  /** @param subject a manifest that is there; one that is no candidate is alive */
  addSubject(referrer: string, subject: string): void {
    this.#addEdge(subject, referrer, SUBJECT);
  }

  #addEdge(source: string, target: string, kind: number): void {
    const sourceId = this.#idOf(source);
    const targetId = this.#idOf(target);
    if (targetId === undefined) return;
    if (sourceId === undefined) {
      this.#run(`update node set state = ${FRESH} where id = ? and state = ${DEAD}`, targetId);
      return;
    }
    this.#run("insert into edge values (?, ?, ?)", sourceId, targetId, kind);
    this.#run("update node set waits = waits + 1 where id = ?", targetId);
  }

  /** Lets life spread a step further. @returns false when it has reached everything it can */
  spread(): boolean {
    const fresh = this.#nodes(`where state = ${FRESH} limit ?`, STEP);
    for (const { id } of fresh) {
      this.#run(
        `update node set state = ${FRESH} where state = ${DEAD}
          and id in (select target from edge where source = ?)`,
        id,
      );
      this.#run(`update node set state = ${ALIVE} where id = ?`, id);
    }
    return fresh.length === STEP || (fresh.length > 0 && this.#count(FRESH) > 0);
  }

  /** Dead ones in the order of their ids. */
  dead(last: GraphNode | undefined, limit: number): GraphNode[] {
    return this.#nodes(
      `where state = ${DEAD} and id > ? order by id limit ?`,
      last?.id ?? 0,
      limit,
    );
  }

  /** Dead ones whose parents and subject were taken, or never were. */
  ready(limit: number): GraphNode[] {
    return this.#nodes(`where state = ${DEAD} and waits = 0 limit ?`, limit);
  }

  /** When nothing is ready: dead ones whose parents were taken, but which are on a cycle, or behind one. */
  knotted(limit: number): GraphNode[] {
    return this.#nodes(
      `where state = ${DEAD} and not exists (
        select 1 from edge join node as parent on parent.id = edge.source
        where edge.target = node.id and edge.kind = ${PARENT} and parent.state = ${DEAD}
      ) limit ?`,
      limit,
    );
  }

  /** Removes one that was taken; what it kept waits for one less. */
  take({ id }: GraphNode): void {
    this.#run(`update node set state = ${TAKEN} where id = ?`, id);
    for (const { target } of this.#all("select target from edge where source = ?", id)) {
      this.#run("update node set waits = waits - 1 where id = ?", Number(target));
    }
  }

  /** Marks one as alive after all; {@link spread} tells the others. */
  keep({ id }: GraphNode): void {
    this.#run(`update node set state = ${FRESH} where id = ?`, id);
  }

  #count(state: number): number {
    const [row] = this.#all("select exists (select 1 from node where state = ?) as some", state);
    return Number(row?.["some"]);
  }

  #idOf(digest: string): number | undefined {
    const [row] = this.#all("select id from node where digest = ?", digest);
    return row === undefined ? undefined : Number(row["id"]);
  }

  #nodes(where: string, ...values: SQLInputValue[]): GraphNode[] {
    const rows = this.#all(`select id, digest, subject from node ${where}`, ...values);
    return rows as unknown as GraphNode[]; // the columns that the statement names
  }

  #all(sql: string, ...values: SQLInputValue[]): Record<string, SQLOutputValue>[] {
    return this.#prepare(sql).all(...values);
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined)
      this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }
}

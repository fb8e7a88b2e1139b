import { hash } from "node:crypto";

/** Whose picture it is; the kind tells its shape. */
export type AvatarKind = "user" | "org" | "team" | "robot" | "app";

/** A picture that every client can draw by itself: the first letter on a color (Quay's local avatars). */
export interface Avatar {
  readonly name: string;
  /** Of kind and name, as lower-case hex; tells nothing of an e-mail address. */
  readonly hash: string;
  /** As CSS writes it. */
  readonly color: string;
  readonly kind: AvatarKind;
}

/** White letters can be read on each of them (contrast of at least 4.5). */
const COLORS = [
  "#1f77b4",
  "#b35900",
  "#237a23",
  "#d62728",
  "#7a4fa3",
  "#8c564b",
  "#b5478f",
  "#6b6b6b",
  "#6f7012",
  "#0f7884",
  "#393b79",
  "#637939",
  "#8c6d31",
  "#843c39",
  "#7b4173",
  "#31669c",
] as const;

/**
 * The picture of a user, organization, team or robot: always the same for the same name.
 *
 * @param name full name, such as `alice`, `team` or `team+deploy`; of a team its own name alone
 */
export function avatarOf(name: string, kind: AvatarKind): Avatar {
  const digest = hash("sha256", `${kind}\0${name}`, "hex").slice(0, 32);
  const place = Number.parseInt(digest.slice(0, 2), 16) % COLORS.length;
  return { name, hash: digest, color: COLORS[place] ?? COLORS[0], kind };
}

import { z } from "zod";

/** What a user tells of themselves. */
const Profile = z.object({
  given_name: z.string().nullable().catch(null),
  family_name: z.string().nullable().catch(null),
  company: z.string().nullable().catch(null),
  location: z.string().nullable().catch(null),
});

export type Profile = Readonly<z.output<typeof Profile>>;

/** @param text of the database; null: nothing is told */
export function parseProfile(text: string | null): Profile {
  return Profile.parse(text === null ? {} : JSON.parse(text));
}

/** @param change what is missing stays as it is */
export function changedProfile(
  text: string | null,
  change: Partial<Record<keyof Profile, string | null | undefined>>,
): string {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return JSON.stringify({ ...parseProfile(text), ...Object.fromEntries(given) });
}

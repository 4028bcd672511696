/** What refers to a manifest, compared between two places. */
import type { Digest } from '../oci/digest.ts';
import type { CallOptions, ReferrerLister } from '../oci/ports.ts';

/** Whether `there` lists all that `here` lists of `subject`. What else it lists others may have pushed. */
export async function holdsReferrers(
  here: ReferrerLister,
  there: ReferrerLister,
  subject: Digest,
  { signal }: CallOptions = {},
): Promise<boolean> {
  const [theirs, ours] = await Promise.all([here, there].map((place) => place.listReferrers(subject, { signal })));
  const held = new Set(ours?.map(({ digest }) => digest));
  return theirs?.every(({ digest }) => held.has(digest)) ?? false;
}

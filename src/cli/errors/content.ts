import { type ErrorEntries, entry } from './entry.ts';

/** Errors of what is read or copied. */
export const contentErrors: ErrorEntries = {
  E_MANIFEST_UNKNOWN: entry(
    'failed',
    'there is no such tag or digest',
    'See `tranship tags REPOSITORY` for the tags that exist.',
  ),
  E_REPOSITORY_UNKNOWN: entry(
    'failed',
    'there is no such repository, or we may not see it',
    'Check the spelling. Some registries answer so to who is not signed in, and some want a repository to be made before the first push.',
  ),
  E_BLOB_UNKNOWN: entry(
    'failed',
    'a blob that a manifest names is not there',
    'The image is incomplete at its source. Push it there again.',
  ),
  E_BLOB_MISSING: entry(
    ['failed', 'temporary'],
    'the destination says that a blob of the manifest is missing',
    'It was sent again twice and is still missing. The storage of the registry needs looking after.',
  ),
  E_FOREIGN_LAYERS: entry(
    'failed',
    'the destination does not take an image without its foreign layers',
    'Copy them too with --foreign-layers, where you may and the source has them, or let the registry allow their URLs.',
  ),
  E_DIGEST_MISMATCH: entry(
    ['failed', 'temporary'],
    'bytes do not hash to the digest that names them',
    'They were read again and are still wrong: the content at the source, or something between, is damaged. Nothing of it was tagged.',
  ),
  E_SIZE_MISMATCH: entry(
    ['failed', 'temporary'],
    'a blob has more or fewer bytes than its descriptor says',
    'The content at the source is damaged, or the manifest is wrong.',
  ),
  E_MANIFEST_INVALID: entry(
    'failed',
    'a manifest is malformed, or the destination takes it for malformed',
    'Look at it with `tranship manifest`. The server’s words are in the message.',
  ),
  E_MANIFEST_AMBIGUOUS: entry(
    ['refused', 'failed'],
    'a manifest can be read as two different things',
    'Such documents have been used to smuggle content past checks. It has to be made anew.',
  ),
  E_MANIFEST_KIND: entry(
    'failed',
    'the document is neither an image nor an index',
    'Look at it with `tranship manifest`.',
  ),
  E_MANIFEST_REFUSED: entry(
    'failed',
    'the destination does not take this kind of manifest',
    'Its configuration may allow certain media types only.',
  ),
  E_MANIFEST_TOO_LARGE: entry(
    'failed',
    'a manifest is larger than 8 MiB',
    'Registries take 4 MiB. It has to be made smaller.',
  ),
  E_NOT_A_MANIFEST: entry(
    ['temporary', 'failed'],
    'the registry answered with something that is no manifest',
    'A proxy or a login page may stand before the registry.',
  ),
  E_SCHEMA1: entry(
    'failed',
    'the image is in Docker’s schema 1, which no registry takes any more',
    'Pull and push it once with an old docker, or build it anew.',
  ),
  E_PLATFORM_MISSING: entry(
    'failed',
    'the image has nothing for the platform that is wanted',
    'The message names what it offers; `tranship inspect` shows it too.',
  ),
  E_JSON: entry('failed', 'a document is malformed, or says something twice', 'Look at it with `tranship manifest`.'),
  E_LIMIT: entry('refused', 'something is larger than any honest image', 'The message names the limit.'),
  E_LISTING: entry(
    ['failed', 'temporary'],
    'the answer to a listing is none',
    'A proxy or a login page may stand before the registry.',
  ),
  E_ENDLESS_LISTING: entry('failed', 'a listing does not come to an end', 'Report it to who runs the registry.'),
  E_UNSUPPORTED: entry(
    'failed',
    'the registry or layout cannot do this',
    'Some registries do not list repositories or do not delete by tag. See `tranship doctor REGISTRY`.',
  ),
  E_REFUSED: entry('failed', 'the registry refused', 'Its own words are in the message.'),
  E_SERVER: entry('temporary', 'the registry failed', 'Try again later; its own words are in the message.'),
};

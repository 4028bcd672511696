import { type ErrorEntries, entry } from './entry.ts';

/** Errors of a place that is written to, a registry or a layout on disk. */
export const destinationErrors: ErrorEntries = {
  E_TAG_IMMUTABLE: entry(
    'refused',
    'the tag exists at the destination with other content and may not be moved there',
    'Choose another tag, or lift the rule at the destination.',
  ),
  E_QUOTA: entry(
    'unwritable',
    'the destination’s quota is used up',
    'Delete something there, or have the quota raised.',
  ),
  E_READ_ONLY: entry(
    'unwritable',
    'the destination takes no writes',
    'It may be a mirror, a proxy cache, or in maintenance. The server’s words tell.',
  ),
  E_DISK_FULL: entry('unwritable', 'the disk is full', 'Make room and run it again; what arrived is kept.'),
  E_TOO_LARGE: entry(
    'failed',
    'the registry, or a proxy before it, does not take so large a body',
    'Raise the limit there (nginx: client_max_body_size 0).',
  ),
  E_NAME_REFUSED: entry(
    'failed',
    'the registry does not take this repository name',
    'Some take two levels only, and some want a project that exists in front.',
  ),
  E_FILE_DENIED: entry('failed', 'a file or folder may not be used', 'Check its permissions and those of its folder.'),
  E_FILE_FAILED: entry(
    ['failed', 'temporary'],
    'the file system failed in a way that is not the fault of the program',
    'The message holds the words of the system. Too many open files: raise the limit (ulimit -n) or copy fewer tags at a time.',
  ),
  E_LOCKED: entry('temporary', 'another run writes to the same place', 'Wait for it.'),
  E_NOT_A_LAYOUT: entry(
    ['usage', 'failed'],
    'the folder or file is no OCI layout',
    'A layout holds oci-layout and index.json. To begin one, copy into a folder that is empty or not there.',
  ),
  E_LAYOUT_UNSAFE: entry(
    'refused',
    'the layout holds something that could lead out of it',
    'Links and odd names inside a layout are not followed. Have it written anew.',
  ),
  E_LAYOUT_DAMAGED: entry(
    ['failed', 'refused'],
    'the layout contradicts itself',
    'Copy the images into it again; blobs that are whole are kept.',
  ),
  E_LAYOUT_AMBIGUOUS: entry(
    ['usage', 'failed'],
    'the layout holds several images, and none or two were named',
    'Write oci:DIR:TAG or oci:DIR@sha256:…; `tranship tags oci:DIR` lists what there is.',
  ),
  E_NOT_VERIFIED: entry(
    'failed',
    'after the push the tag names something else',
    'Somebody else may write to the same tag, or the registry is not consistent. Run it again.',
  ),
  E_UPLOAD_LOST: entry(
    'temporary',
    'the registry lost an upload again and again',
    'Its storage, or several replicas without common storage, need looking after. Run it again later.',
  ),
  E_UPLOAD_REFUSED: entry(
    'failed',
    'the registry takes a blob in none of the known ways',
    'Run with -vv and report what it prints, with the name of the registry’s product.',
  ),
  E_CONTENDED: entry(
    'temporary',
    'another writer keeps changing the list of referrers',
    'Let one run at a time write to this repository.',
  ),
  E_FALLBACK_TAG: entry(
    'failed',
    'the tag that should list referrers names something else',
    'Tags like sha256-… are reserved for that list. Move it away.',
  ),
};

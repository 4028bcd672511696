import { type ErrorEntries, entry } from './entry.ts';

/** Errors of standing in for other tools and of reading their files. */
export const compatErrors: ErrorEntries = {
  E_CONVERT: entry(
    'usage',
    'there is nothing to convert: the file is a tranship.yaml already, or a folder holds no file of a tool that is known',
    'Known are regsync, skopeo sync, dregsy, image-syncer and run-reposync; they are told by their shape, not by their name.',
  ),
  E_CSV: entry(
    'usage',
    'a CSV file of tags cannot be read, or lacks a column that is needed',
    'It needs the columns namespace, repo_name and name; `tranship crawl` writes one.',
  ),
  E_PYTHON_REGEX: entry(
    'usage',
    'a regular expression uses a part of Python that cannot be had in linear time',
    'Look-around and back references are not taken. Write it without them.',
  ),
  E_LINK: entry(
    'failed',
    'a name of another program could not be linked to this one',
    'Give a folder of its own that may be written to; what stands there already is not replaced.',
  ),
};

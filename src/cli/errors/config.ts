import { type ErrorEntries, entry } from './entry.ts';

/** Errors of a configuration file, and of what its rules select. */
export const configErrors: ErrorEntries = {
  E_CONFIG: entry(
    'usage',
    'the configuration has mistakes',
    'All of them are listed with file, line and column; each has a code of its own.',
  ),
  E_CONFIG_FILE: entry('usage', 'the file cannot be read, or is larger or deeper than allowed', 'Check path and size.'),
  E_CONFIG_SYNTAX: entry(
    'usage',
    'the file is no YAML, or uses a part of YAML that is not taken',
    'Anchors, merge keys and tabs are not taken. Indent with spaces.',
  ),
  E_CONFIG_KEY: entry('usage', 'a key is not known, or one is missing', 'The message names the nearest known key.'),
  E_CONFIG_VALUE: entry(
    'usage',
    'a value is of another type or makes no sense',
    'Tags that look like numbers want quotes: "1.0".',
  ),
  E_CONFIG_REFERENCE: entry('usage', 'a registry or stage is named that is not there', 'Compare the spelling.'),
  E_CONFIG_DUPLICATE: entry('usage', 'two things have one name', 'Rename one of them.'),
  E_CONFIG_CYCLE: entry('usage', 'stages wait for each other', 'Take one depends_on away.'),
  E_CONFIG_TARGET: entry(
    'usage',
    'two sources would end at one target, or a copy would go onto itself',
    'Give them different repositories or tags under `to`.',
  ),
  E_CONFIG_ENV: entry('usage', 'an environment variable is not set', 'Set it, or take the reference to it away.'),
  E_COLLISION: entry(
    'usage',
    'two sources were found that would be copied to one target',
    'Give them different repositories or tags under `to`, or select only one of them.',
  ),
  E_MAPPING: entry(
    'usage',
    'a mapping turns a name into one that cannot be',
    'Look at the steps under `to`; names are lower case.',
  ),
  E_TOO_FEW_TAGS: entry(
    'refused',
    'fewer tags were found than `at-least` says',
    'An empty or short listing is often a fault of the source, so nothing was decided by it.',
  ),
  E_TOO_MANY_TAGS: entry('refused', 'more tags were found than `at-most` says', 'Narrow the rules, or raise at-most.'),
  E_TOO_FEW_REPOSITORIES: entry(
    'refused',
    'fewer repositories were found than `at-least` says',
    'A short listing is often a matter of rights: some registries show only what an account may read.',
  ),
  E_TOO_MANY_REPOSITORIES: entry(
    'refused',
    'more repositories were found than `at-most` says',
    'Narrow the patterns, or raise at-most.',
  ),
  E_NOT_REACHED: entry(
    ['failed', 'unwritable'],
    'an item was not tried, because an earlier failure made it pointless',
    'See the first error; a destination that is full or read-only takes nothing else either. Run it again afterwards.',
  ),
};

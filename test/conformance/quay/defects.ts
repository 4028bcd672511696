/**
 * The faults of the three original Quay tools that must not come back, each with the test that would fail if it did. A number
 * begins with its tool: 1.6 is quay_sync.py, 2.8 quay_management_tasks.py, 3.7 the organisation-mirror job. What needs a
 * cluster, or is about manifests and wording alone, says so in the place of a test.
 */
export type Defect = { readonly entry: string; readonly fault: string } & (
  | { readonly file: string; readonly title: string }
  | { readonly untested: 'needs a cluster' | 'about manifests' | 'about wording' }
);

const sync = 'src/cli/compat/quay-sync.test.ts';
const management = 'src/cli/compat/quay-management.test.ts';
const mirror = 'src/cli/compat/quay-org-mirror.test.ts';

export const defects: readonly Defect[] = [
  ...from(sync, '1.6', [
    [1, 'listings ended at their first page', '1.6.1: repositories and tags are read to the last page'],
    [2, 'tags long deleted were listed', '1.6.2: tags that were deleted are not brought back'],
    [3, 'letters were cut off a host’s name', '1.6.3: an address keeps its letters'],
    [4, 'deep names lost their first parts', '1.6.4: names with several slashes keep all their parts'],
    [
      5,
      'one broken image ended a run that was to go on',
      '1.6.5: with --skip-broken-images everything is tried, the failures come last, and the exit code is 1',
    ],
    [
      6,
      'users were treated as organisations',
      '1.6.6: a user’s namespace is not made an organisation, and one that is missing is told',
    ],
    [
      7,
      'an empty source and a dead token were mistaken for each other',
      '1.6.7: an empty source is not called a wrong key, and a dead token not an empty source',
    ],
    [
      8,
      'the check before the run knew one port and no time-out',
      '1.6.8: host and port come from the address, and a closed port is told in one line',
    ],
    [9, 'a fail-over left the tokens where they were', '1.6.9: a fail-over of the older form turns the tokens too'],
    [10, 'everything was copied every time', '1.6.10: a second run transfers nothing'],
    [11, 'only one architecture came over', '1.6.11: digests stay what they are'],
    [
      12,
      'passwords stood on command lines',
      '1.6.12: a password of the command line is in no output, also of every request traced',
    ],
    [
      13,
      'the short file could not log in',
      '1.6.13: the short file of the user document, with a token and no login, is enough',
    ],
    [
      14,
      'a second destination cost a second pull',
      '1.6.14: one run fills a mirror and a backup mirror, and reads each blob once',
    ],
  ]),
  ...[1, 2, 3, 4, 5, 6].map((number) => ({
    entry: `2.8.${number}`,
    fault: 'installing Quay on a cluster',
    untested: 'needs a cluster' as const,
  })),
  ...from(management, '2.8', [
    [7, 'later actions ran with the token of before', '7: a token that was just made is used at once'],
    [
      8,
      'JSON was read as another language',
      '8: the answer to the first user is read as JSON, and an error body is an error',
    ],
    [
      9,
      'a token was fished out of the database',
      '9: a lasting token is made through the server alone, the application too where it is missing',
    ],
    [
      10,
      'organisations were never deleted',
      '10: an organisation is deleted by its own path, only with a yes, and never one without a name',
    ],
    [11, 'the first cache that was there ended the loop', '11: an existing proxy cache does not end the loop'],
    [12, 'robots were looked for without a token', '12: a robot that is there is found, and not made again'],
    [13, 'any team counted as ownership', '13: ownership is being in the team owners, not in any team'],
    [14, 'failures ended with 0', '14: a failed call is exit 1, and what does not depend on it is still done'],
    [15, 'secrets were printed and left in files', '15: no password and no token is printed, at no level'],
  ]),
  { entry: '2.8.16', fault: 'the first object found was taken', untested: 'needs a cluster' },
  ...from(management, '2.8', [
    [
      17,
      'the switch for certificates did nothing',
      '17: --skip-tls-verify reaches the connection to the API, and without it an unknown certificate is refused',
    ],
  ]),
  { entry: '2.8.18', fault: 'sample manifests with traps', untested: 'about manifests' },
  ...from(mirror, '3.7', [
    [
      1,
      'the hundred and first repository was left out',
      '1: an organisation of more than 100 repositories is mirrored whole',
    ],
    [2, 'refusals counted as success', '2: a failure is exit code 1, and the others are done all the same'],
    [3, 'a dead token meant nothing to do', '3: a dead token is no empty organisation'],
    [4, 'names and passwords were run as commands', '4: a password is data, whatever stands in it'],
    [5, 'what could not be read was made anew', '5: what cannot be read is not taken for absent'],
    [6, 'other states were taken for absent', '6: a repository that is read-only is left alone and told of'],
    [7, 'newer servers missed a field', '7: the time-out per tag is sent where it is known, and not where it is not'],
    [8, 'state and configuration were thought to be one', '8: state and configuration are set right each for itself'],
    [9, 'changed settings had no effect', '9: what differs is changed without RECREATE, the password only with it'],
    [
      10,
      'mirrors without source stayed unnoticed',
      '10: a mirror whose source is gone is told of and stays, also when the source shows nothing',
    ],
    [11, 'all mirrors began in one second', '11: the beginnings can be spread, and stay what they are'],
    [
      12,
      'a mirror deleted the tags that were there',
      '12: a repository with tags that is about to become a mirror is warned of',
    ],
  ]),
  { entry: '3.7.13', fault: 'the build of the manifests failed', untested: 'about manifests' },
  { entry: '3.7.14', fault: 'sections named the wrong registry', untested: 'about wording' },
];

type Row = readonly [number: number, fault: string, title: string];

function from(file: string, chapter: string, rows: readonly Row[]): Defect[] {
  return rows.map(([number, fault, title]) => ({ entry: `${chapter}.${number}`, fault, file, title }));
}

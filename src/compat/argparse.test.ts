import { describe, expect, it } from 'vitest';
import { type ArgparseProgram, parseArguments } from './argparse.ts';

const program: ArgparseProgram = {
  name: 'tool.py',
  flags: [
    { name: '--config-file', value: 'CONFIG_FILE', required: true, about: 'the configuration' },
    { name: '--skip-tls-verify', about: 'no certificate check' },
    { name: '--skip-broken-images', about: 'go on after a broken image' },
    { name: '--username', value: 'USERNAME', about: 'who' },
  ],
};

function values(...argv: string[]) {
  const parsed = parseArguments(argv, program);
  return parsed.kind === 'values' ? Object.fromEntries(parsed.values) : parsed.text;
}

describe('the flags of an argparse program', () => {
  it('come in any order, with a blank or an equals sign before the value', () => {
    const expected = { '--config-file': 'a.yaml', '--skip-tls-verify': true, '--username': 'x=y' };
    expect(values('--skip-tls-verify', '--username=x=y', '--config-file', 'a.yaml')).toEqual(expected);
    expect(values('--config-file=a.yaml', '--username', 'x=y', '--skip-tls-verify')).toEqual(expected);
  });

  it('may be cut short as long as one flag alone begins so', () => {
    expect(values('--conf', 'a.yaml', '--skip-t')).toEqual({ '--config-file': 'a.yaml', '--skip-tls-verify': true });
    expect(values('--conf', 'a.yaml', '--skip')).toContain(
      'error: ambiguous option: --skip could match --skip-tls-verify, --skip-broken-images',
    );
  });

  it.each([
    [['--nonsense', '--config-file', 'a'], 'unrecognized arguments: --nonsense'],
    [['--config-file', 'a', 'word'], 'unrecognized arguments: word'],
    [['--config-file'], 'argument --config-file: expected one argument'],
    [['--config-file', '--skip-tls-verify'], 'argument --config-file: expected one argument'],
    [['--config-file', 'a', '--skip-tls-verify=yes'], 'argument --skip-tls-verify: ignored explicit argument'],
    [['--skip-tls-verify'], 'the following arguments are required: --config-file'],
  ])('%j is refused with usage and reason', (argv, reason) => {
    const parsed = parseArguments(argv, program);
    expect(parsed.kind).toBe('wrong');
    expect(parsed.kind === 'wrong' && parsed.text).toMatch(/^usage: tool\.py \[-h\] --config-file CONFIG_FILE /);
    expect(parsed.kind === 'wrong' && parsed.text).toContain(`tool.py: error: ${reason}`);
  });

  it('a password in a wrong place is not repeated', () => {
    expect(values('--passwort=hunter2')).not.toContain('hunter2');
  });

  it('-h and --help list every flag and win over what is missing', () => {
    for (const flag of ['-h', '--help', '--he']) {
      const parsed = parseArguments([flag], program);
      expect(parsed.kind).toBe('help');
      for (const { name, about } of program.flags) {
        expect(parsed.kind === 'help' && parsed.text).toContain(name);
        expect(parsed.kind === 'help' && parsed.text).toContain(about);
      }
    }
  });
});

import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandTable } from '../table.ts';
import { completionScript, shells } from './completion.ts';

/** What bash offers after these words, by running the script. */
function bash(...words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash', commandTable)}
COMP_WORDS=(tranship ${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_tranship
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '');
}

test('commands', () => {
  expect(bash('cop')).toEqual(['copy']);
  expect(bash('compl')).toEqual(['completion']);
  expect(bash('')).toContain('doctor');
});

test('options of the command that was typed', () => {
  expect(bash('copy', '--all')).toEqual(['--all-tags']);
  expect(bash('copy', '-q', 'a:1', '--dry')).toEqual(['--dry-run']);
  expect(bash('tags', '--all')).toEqual([]);
});

test('values of an option where they are known, else files', () => {
  expect(bash('copy', '--progress', '')).toEqual(['auto', 'plain', 'json', 'none']);
  expect(bash('copy', '--progress', 'p')).toEqual(['plain']);
  expect(bash('copy', '--ca-file', '')).toEqual([]);
});

test('arguments where they are known', () => {
  expect(bash('completion', 'z')).toEqual(['zsh']);
  expect(bash('help', 'exit')).toEqual(['exit-codes']);
});

test.each(shells)('%s: every command and option stands in the script, quotes are closed', (shell) => {
  const script = completionScript(shell, commandTable);
  for (const { name, options } of commandTable) {
    expect(script).toContain(name);
    for (const { flags } of options) {
      const long = /--([a-z-]+)/.exec(flags)?.[1] ?? '';
      expect(script).toContain(shell === 'fish' ? `-l ${long}` : `--${long}`);
    }
  }
});
